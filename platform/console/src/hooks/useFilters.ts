/** Filters live in the address, so that reload, back and a shared link show the same list. */
import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'react-router';

const PAGE = 'page';

export interface Filters {
  get: (name: string) => string | undefined;
  /** Changing a filter goes back to the first page. */
  set: (changes: Record<string, string | undefined>) => void;
  page: number;
  setPage: (page: number) => void;
}

export function useFilters(): Filters {
  const [params, setParams] = useSearchParams();
  const set = useCallback(
    (changes: Record<string, string | undefined>) =>
      setParams((old) => {
        const next = new URLSearchParams(old);
        for (const [name, value] of Object.entries({ [PAGE]: undefined, ...changes })) {
          if (value) next.set(name, value);
          else next.delete(name);
        }
        return next;
      }, { replace: true }),
    [setParams],
  );
  return useMemo(() => ({
    get: (name) => params.get(name) ?? undefined,
    set,
    page: Math.max(1, Math.floor(Number(params.get(PAGE) ?? 1)) || 1),
    setPage: (page) => set({ [PAGE]: page > 1 ? String(page) : undefined }),
  }), [params, set]);
}
