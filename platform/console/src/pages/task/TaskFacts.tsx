import type { ReactNode } from 'react';
import { waitsForAnswer } from '../../components/due';
import { PhotoCount } from '../../components/marks';
import type { TaskDetail } from '../../api/types';
import { useNow } from '../../hooks/useNow';
import { useText } from '../../text/language';
import { term } from '../../text/term';
import type { Text } from '../../text/zh';
import { minuteOf, spanOf, toMs } from '../../time/time';

export function TaskFacts({ task }: { task: TaskDetail }) {
  const text = useText();
  const words = text.task;
  return (
    <section className="card" aria-labelledby="task-facts">
      <div className="card-head"><h2 id="task-facts">{words.facts}</h2><span className="quiet number small">{task.no}</span></div>
      <div className="card-body">
        <p className="task-description">{task.description}</p>
        <dl className="facts">
          <Fact label={words.due}><span className="number">{minuteOf(task.due_at)}</span><Remaining task={task} /></Fact>
          <Fact label={words.timeliness}><Timeliness task={task} /></Fact>
          <Fact label={words.holder}>{task.holder.name}</Fact>
          <Fact label={words.kind}>{term(text.caseKind, task.case_kind)}</Fact>
          <Fact label={words.place}>{task.place_text}</Fact>
          <Fact label={words.grid}><span className="number">{task.grid_code || text.common.none}</span></Fact>
          <Fact label={words.created}><span className="number">{minuteOf(task.created_at)}</span></Fact>
          <Fact label={words.delivered}><span className="number">{task.delivered_at ? minuteOf(task.delivered_at) : words.notDelivered}</span></Fact>
          <Fact label={words.done}><span className="number">{doneText(task, text)}</span></Fact>
          <Fact label={words.photos}><PhotoCount here={task.photos_here} expected={task.photos_expected} /></Fact>
          <Fact label={words.revision}><span className="number">{task.revision}</span></Fact>
        </dl>
      </div>
    </section>
  );
}

export function Fact({ label, children }: { label: string; children: ReactNode }) {
  return <div><dt>{label}</dt><dd>{children}</dd></div>;
}

function doneText(task: TaskDetail, text: Text): string {
  if (task.done_at) return minuteOf(task.done_at);
  return task.timeliness === 'undecided' ? text.light.undecided : text.task.notDone;
}

function Remaining({ task }: { task: TaskDetail }) {
  const words = useText().tasks;
  const now = useNow();
  if (task.light === 'done') return null;
  const left = (toMs(task.due_at) ?? now) - now;
  return <span className="quiet small fact-under">{left >= 0 ? words.left(spanOf(left)) : words.over(spanOf(left))}</span>;
}

/** As the platform judges it: by when the work was done; a doubtful phone clock leaves it open until a person confirms. */
function Timeliness({ task }: { task: TaskDetail }) {
  const text = useText();
  const words = text.task;
  if (waitsForAnswer(task)) return <>{text.light.asked}<span className="quiet small fact-under">{words.askedHint}</span></>;
  switch (task.timeliness) {
    case 'undecided': return <>{text.light.undecided}<span className="quiet small fact-under">{words.suspectHint}</span></>;
    case 'on_time': return <span className="light light-green">{words.onTime}</span>;
    case 'overdue': return <span className="light light-red">{words.overdue}</span>;
    case 'stopped': return <>{text.light.stopped}</>;
    case 'open': return <>{words.running}</>;
  }
}
