/** What a supervisor can do with a task, each against the revision that was on screen. */
import { App } from 'antd';
import { type RefObject, useCallback, useMemo, useRef, useState } from 'react';
import { ApiError } from '../../api/request';
import type { TaskDetail } from '../../api/types';
import type { Loaded } from '../../hooks/useLoad';
import { useText } from '../../text/language';

const CONFLICT = 409;

export interface TaskDesk {
  /** Carries out `act`; on a conflict reloads the task and says so instead of trying again. Resolves to whether it was done. */
  carryOut: (act: () => Promise<TaskDetail>, done: string) => Promise<boolean>;
  conflict: string | undefined;
  clear: () => void;
  /** The revision our own last action led to. */
  ownRevision: RefObject<number | undefined>;
}

export function useTaskDesk({ accept, reload }: Loaded<TaskDetail>): TaskDesk {
  const { failure } = useText();
  const { message } = App.useApp();
  const [conflicted, setConflicted] = useState(false);
  const ownRevision = useRef<number | undefined>(undefined);

  const carryOut = useCallback(async (act: () => Promise<TaskDetail>, done: string) => {
    setConflicted(false);
    try {
      const task = await act();
      ownRevision.current = task.revision;
      accept(task);
      void message.success(done);
      return true;
    } catch (cause) {
      if (!(cause instanceof ApiError) || cause.status !== CONFLICT) throw cause;
      setConflicted(true);
      reload();
      return false;
    }
  }, [accept, reload, message]);

  const clear = useCallback(() => setConflicted(false), []);
  const conflict = conflicted ? failure.conflict : undefined;
  return useMemo(() => ({ carryOut, conflict, clear, ownRevision }), [carryOut, conflict, clear]);
}
