/** What stands for a task's time. A doubtful time is never shown as overdue: it waits for a person. */
import type { DueColour, TaskSummary } from '../api/types';

export type DueSign = DueColour | 'stopped' | 'undecided';

/** No light burns once a task is done; one that ended without being done says only that its clock stopped. */
export function dueSign(task: Pick<TaskSummary, 'light' | 'timeliness'>): DueSign {
  if (task.timeliness === 'undecided' || task.timeliness === 'stopped') return task.timeliness;
  return task.light;
}
