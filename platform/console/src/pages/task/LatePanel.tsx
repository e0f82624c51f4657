import { Button } from 'antd';
import { api } from '../../api/api';
import type { TaskDetail } from '../../api/types';
import { useMayDispatch } from '../../app/session';
import { FailureNote } from '../../components/FailureNote';
import { useAction } from '../../hooks/useAction';
import { useText } from '../../text/language';
import type { TaskDesk } from './useTaskDesk';

/** Recalled, yet already done offline: the report is here, and one click puts it up for review. */
export function LatePanel({ task, desk }: { task: TaskDetail; desk: TaskDesk }) {
  const words = useText().task;
  const mayDispatch = useMayDispatch();
  const restore = useAction(async () => {
    await desk.carryOut(() => api.restore(task.id, task.revision), words.restored);
  });
  if (!task.late_report || task.status !== 'recalled') return null;
  return (
    <section className="card late" aria-labelledby="task-late">
      <div className="card-body late-body">
        <div>
          <h2 id="task-late">{words.lateTitle}</h2>
          <p>{words.lateText}</p>
          {restore.error && <FailureNote error={restore.error} />}
        </div>
        {mayDispatch
          ? <Button type="primary" loading={restore.busy} onClick={() => void restore.run()}>{words.restore}</Button>
          : <span className="quiet">{words.restoreByDuty}</span>}
      </div>
    </section>
  );
}
