/** Who is at the desk. Without a session every page leads to the log-in page and back again. */
import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from 'react';
import { api } from '../api/api';
import { ApiError, onSignedOut } from '../api/request';
import type { Me } from '../api/types';
import { asApiError } from '../hooks/useLoad';

type Standing =
  | { state: 'asking' }
  | { state: 'out'; expired: boolean }
  | { state: 'unsure'; error: ApiError }
  | { state: 'in'; me: Me };

interface Session {
  standing: Standing;
  login: (name: string, password: string) => Promise<void>;
  /** Rejects when the platform did not end the session: the page must not pretend that it did. */
  logout: () => Promise<void>;
  askAgain: () => void;
}

const SessionContext = createContext<Session | undefined>(undefined);

export function SessionProvider({ children }: { children: ReactNode }) {
  const [standing, setStanding] = useState<Standing>({ state: 'asking' });
  const [round, setRound] = useState(0);

  useEffect(() => {
    const abort = new AbortController();
    onSignedOut(() => setStanding({ state: 'out', expired: true }));
    api.me(abort.signal).then(
      (me) => setStanding({ state: 'in', me }),
      (cause: unknown) => {
        if (abort.signal.aborted) return;
        const error = asApiError(cause);
        setStanding(error.status === 401 ? { state: 'out', expired: false } : { state: 'unsure', error });
      },
    );
    return () => abort.abort();
  }, [round]);

  const value = useMemo<Session>(() => ({
    standing,
    login: async (name, password) => setStanding({ state: 'in', me: await api.login(name, password) }),
    logout: async () => {
      await api.logout();
      setStanding({ state: 'out', expired: false });
    },
    askAgain: () => setRound((n) => n + 1),
  }), [standing]);
  return <SessionContext value={value}>{children}</SessionContext>;
}

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error('useSession outside SessionProvider');
  return session;
}

/** Dispatching, recalling and restoring belong to the duty officer; both roles review. The platform holds the same rule. */
export function useMayDispatch(): boolean {
  const { standing } = useSession();
  return standing.state === 'in' && standing.me.role === 'duty_officer';
}
