/** What stands for a task's time. A doubtful time is never shown as overdue: it waits for a person. */
import type { DueColour, TaskSummary } from '../api/types';

export type DueSign = DueColour | 'stopped' | 'undecided' | 'asked';

export type DueTask = Pick<TaskSummary, 'light' | 'timeliness' | 'extension_waits' | 'done_at'>;

/** Done past the due time, with a request for more time that was made before it: the answer settles whether it was in time. */
export function waitsForAnswer(task: DueTask): boolean {
  return task.timeliness === 'undecided' && task.extension_waits && task.done_at !== undefined;
}

/** No light burns once a task is done; one that ended without being done says only that its clock stopped. */
export function dueSign(task: DueTask): DueSign {
  if (waitsForAnswer(task)) return 'asked';
  if (task.timeliness === 'undecided' || task.timeliness === 'stopped') return task.timeliness;
  return task.light;
}
