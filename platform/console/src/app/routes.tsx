/** The console's table of contents. Each page is its own chunk; the map's library comes only with a patrol. */
import { createBrowserRouter, Navigate } from 'react-router';
import { LoginPage } from '../pages/login/LoginPage';
import { BrokenPage, LostPage } from './BrokenPage';
import { Gate } from './Gate';

export const router = createBrowserRouter([
  { path: '/login', element: <LoginPage />, errorElement: <BrokenPage /> },
  {
    path: '/',
    element: <Gate />,
    errorElement: <BrokenPage />,
    hydrateFallbackElement: <></>,
    children: [
      { index: true, element: <Navigate to="/tasks" replace /> },
      { path: 'tasks', lazy: async () => ({ Component: (await import('../pages/tasks/TasksPage')).TasksPage }) },
      { path: 'tasks/:id', lazy: async () => ({ Component: (await import('../pages/task/TaskPage')).TaskPage }) },
      { path: 'cases', lazy: async () => ({ Component: (await import('../pages/cases/CasesPage')).CasesPage }) },
      { path: 'patrols', lazy: async () => ({ Component: (await import('../pages/patrols/PatrolsPage')).PatrolsPage }) },
      { path: 'patrols/:id', lazy: async () => ({ Component: (await import('../pages/patrol/PatrolPage')).PatrolPage }) },
      { path: 'counts', lazy: async () => ({ Component: (await import('../pages/counts/CountsPage')).CountsPage }) },
      { path: 'counts/:kind', lazy: async () => ({ Component: (await import('../pages/counts/CountKindPage')).CountKindPage }) },
      { path: 'devices', lazy: async () => ({ Component: (await import('../pages/devices/DevicesPage')).DevicesPage }) },
      { path: '*', element: <LostPage /> },
    ],
  },
]);
