/** Loads one answer of the platform and keeps it fresh; what was shown stays on screen while a refresh runs or fails. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { ApiError, platformNow } from '../api/request';

export interface Loaded<T> {
  value: T | undefined;
  error: ApiError | undefined;
  /** True while a request runs, also in the background. */
  loading: boolean;
  loadedAtMs: number | undefined;
  reload: () => void;
  /** Takes an answer that came by another way, for example from a review. */
  accept: (value: T) => void;
}

interface State<T> { key: string; value: T | undefined; error: ApiError | undefined; loading: boolean; loadedAtMs: number | undefined }

const fresh = <T>(key: string): State<T> => ({ key, value: undefined, error: undefined, loading: true, loadedAtMs: undefined });

/** `key` names the question: another key forgets the old answer. `everyMs` asks again while the page is visible. */
export function useLoad<T>(key: string, ask: (signal: AbortSignal) => Promise<T>, everyMs?: number): Loaded<T> {
  const [state, setState] = useState<State<T>>(() => fresh(key));
  const [round, setRound] = useState(0);
  const askRef = useRef(ask);
  askRef.current = ask;

  const reload = useCallback(() => setRound((n) => n + 1), []);
  const accept = useCallback(
    (value: T) => setState({ key, value, error: undefined, loading: false, loadedAtMs: platformNow() }),
    [key],
  );

  useEffect(() => {
    const abort = new AbortController();
    setState((old) => (old.key === key ? { ...old, loading: true } : fresh(key)));
    askRef.current(abort.signal).then(
      (value) => {
        if (!abort.signal.aborted) accept(value);
      },
      (cause: unknown) => {
        if (!abort.signal.aborted) setState((old) => ({ ...old, error: asApiError(cause), loading: false }));
      },
    );
    return () => abort.abort();
  }, [key, round, accept]);

  useEffect(() => {
    if (everyMs === undefined) return undefined;
    const whenVisible = () => {
      if (document.visibilityState === 'visible') reload();
    };
    const timer = setInterval(whenVisible, everyMs);
    document.addEventListener('visibilitychange', whenVisible);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', whenVisible);
    };
  }, [everyMs, reload]);

  const current = state.key === key ? state : fresh<T>(key);
  return { ...current, reload, accept };
}

export function asApiError(cause: unknown): ApiError {
  if (cause instanceof ApiError) return cause;
  return new ApiError('unreadable', 0, 'unreadable', undefined, undefined, undefined);
}
