import { Tooltip } from 'antd';
import { ClockDoubt, LAG_SHOWN_FROM_MS } from '../../components/marks';
import type { TaskEvent } from '../../api/types';
import { useText } from '../../text/language';
import { term } from '../../text/term';
import { lagMs, minuteOf, secondOf, spanOf } from '../../time/time';

/** The flow log, oldest first, with both times of every step. */
export function TaskLog({ log }: { log: TaskEvent[] }) {
  const { task: words, common } = useText();
  return (
    <section className="card" aria-labelledby="task-log">
      <div className="card-head"><h2 id="task-log">{words.log}</h2><span className="quiet small">{common.total(log.length)}</span></div>
      <ol className="log card-body" aria-labelledby="task-log">
        {log.map((event) => <Step key={event.position} event={event} />)}
      </ol>
    </section>
  );
}

function Step({ event }: { event: TaskEvent }) {
  const text = useText();
  const words = text.task;
  const moved = event.from !== undefined && event.from !== event.to;
  return (
    <li className={`log-step log-${event.event}`}>
      <div className="log-head">
        <strong>{term(text.event, event.event)}</strong>
        <span className="log-actor">{event.actor.name}</span>
        {moved && <span className="quiet small">{words.changed(term(text.taskStatus, event.from), term(text.taskStatus, event.to))}</span>}
      </div>
      <Reason event={event} />
      {event.due_from && event.due_to && <p className="log-reason number">{words.dueMoved(minuteOf(event.due_from), minuteOf(event.due_to))}</p>}
      <dl className="log-times number">
        <dt>{words.occurred}</dt><dd>{secondOf(event.occurred_at)} <Clock event={event} /></dd>
        <dt>{words.received}</dt><dd>{secondOf(event.received_at)}</dd>
        <LagRow event={event} />
      </dl>
    </li>
  );
}

/** Lag stands on a line of its own, apart from anything about being late. */
function LagRow({ event }: { event: TaskEvent }) {
  const { common } = useText();
  const ms = lagMs(event.occurred_at, event.received_at);
  if (event.clock === 'suspect' || ms < LAG_SHOWN_FROM_MS) return null;
  return (
    <>
      <dt>{common.lag}</dt>
      <dd><Tooltip title={common.lagHint}><span className="lag-long">{common.span(spanOf(ms))}</span></Tooltip></dd>
    </>
  );
}

function Reason({ event }: { event: TaskEvent }) {
  const text = useText();
  if (!event.reason_code && !event.reason_text) return null;
  const code = term(text.reviewReason, event.reason_code);
  return (
    <p className="log-reason">
      <span className="quiet">{text.task.reason} </span>{[code, event.reason_text].filter(Boolean).join(' · ')}
    </p>
  );
}

function Clock({ event }: { event: TaskEvent }) {
  const text = useText();
  if (event.clock === 'suspect') return <ClockDoubt clock={event.clock} />;
  return <span className="quiet small">{term(text.clock, event.clock)}</span>;
}
