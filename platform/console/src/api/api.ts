/** Typed calls to the console API: one function per route, nothing else. */
import { get, post, withQuery } from './request';
import type {
  CaseSummary, CountEntry, CountTotal, DeviceSummary, Me, Outline, Page, PatrolDetail, PatrolSummary,
  ExtensionAnswer, ReviewDecision, TaskDetail, TaskDraft, TaskSummary, WaitingExtension, Worker,
} from './types';

type Signal = AbortSignal | undefined;
export interface Slice { offset: number; limit: number }
export interface TaskQuery extends Slice { status?: string; sort: 'due' | 'created'; q?: string }
export interface DayRange { from?: string; to?: string }

const task = (id: string, verb = ''): string => `/api/tasks/${encodeURIComponent(id)}${verb}`;

export const api = {
  login: (name: string, password: string) => post<Me>('/api/login', { name, password }),
  logout: () => post<object>('/api/logout', {}),
  me: (signal?: Signal) => get<Me>('/api/me', signal),

  tasks: (query: TaskQuery, signal?: Signal) =>
    get<Page<TaskSummary>>(withQuery('/api/tasks', { ...query }), signal),
  task: (id: string, signal?: Signal) => get<TaskDetail>(task(id), signal),
  dispatch: (draft: TaskDraft) => post<TaskDetail>('/api/tasks', draft),
  review: (id: string, decision: ReviewDecision) => post<TaskDetail>(task(id, '/review'), decision),
  recall: (id: string, revision: number, reasonText: string) =>
    post<TaskDetail>(task(id, '/recall'), { revision, reason_text: reasonText }),
  restore: (id: string, revision: number) => post<TaskDetail>(task(id, '/restore'), { revision }),

  waitingExtensions: (query: Slice, signal?: Signal) =>
    get<Page<WaitingExtension>>(withQuery('/api/extensions', { ...query }), signal),
  answerExtension: (id: string, answer: ExtensionAnswer) => post<TaskDetail>(task(id, '/extension'), answer),

  workers: (signal?: Signal) => get<Page<Worker>>(withQuery('/api/workers', { limit: 500 }), signal),
  attachmentUrl: (sha256: string) => `/api/attachments/${encodeURIComponent(sha256)}`,

  cases: (query: Slice & { case_kind?: string }, signal?: Signal) =>
    get<Page<CaseSummary>>(withQuery('/api/cases', { ...query }), signal),

  patrols: (query: Slice & { post?: string; day?: string }, signal?: Signal) =>
    get<Page<PatrolSummary>>(withQuery('/api/patrols', { ...query }), signal),
  patrol: (id: string, signal?: Signal) =>
    get<PatrolDetail>(`/api/patrols/${encodeURIComponent(id)}`, signal),
  outline: (signal?: Signal) => get<Outline>('/api/outline', signal),

  counts: (range: DayRange, signal?: Signal) =>
    get<{ items: CountTotal[] }>(withQuery('/api/counts', { ...range }), signal),
  countEntries: (kind: string, query: Slice & DayRange, signal?: Signal) =>
    get<Page<CountEntry>>(withQuery(`/api/counts/${encodeURIComponent(kind)}`, { ...query }), signal),

  devices: (query: Slice, signal?: Signal) =>
    get<Page<DeviceSummary>>(withQuery('/api/devices', { ...query }), signal),
};
