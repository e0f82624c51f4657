import { Link } from 'react-router';
import type { PatrolSummary } from '../../api/types';
import { useNow } from '../../hooks/useNow';
import { useText } from '../../text/language';
import { term } from '../../text/term';
import { clockOf } from '../../time/time';
import { type Bar, type PostStrip, stripsOf } from './board';

const HOURS = [0, 3, 6, 9, 12, 15, 18, 21, 24];
const LANE_PX = 28;
const share = (part: number): string => `${(part * 100).toFixed(3)}%`;

/** One day at a glance: which post was out when. It compares posts' hours, never people. */
export function DayBoard({ patrols, day }: { patrols: PatrolSummary[]; day: string }) {
  const words = useText().patrols;
  const nowAt = new Date(useNow()).toISOString();
  const strips = stripsOf(patrols, day, nowAt);
  if (strips.length === 0) return null;
  return (
    <section className="card board" aria-labelledby="board-title">
      <div className="card-head"><h2 id="board-title">{words.board(day)}</h2></div>
      <div className="board-body">
        <div className="board-hours" aria-hidden="true">
          {HOURS.map((hour) => <span key={hour} className="number" style={{ left: share(hour / 24) }}>{String(hour).padStart(2, '0')}:00</span>)}
        </div>
        {strips.map((strip) => <Strip key={strip.post} strip={strip} />)}
      </div>
    </section>
  );
}

function Strip({ strip }: { strip: PostStrip }) {
  return (
    <div className="strip">
      <span className="strip-name clip" title={strip.name}>{strip.name}</span>
      <ul className="strip-track" style={{ height: strip.lanes * LANE_PX }} aria-label={strip.name}>
        {strip.bars.map((bar) => <Patrol key={bar.patrol.id} bar={bar} />)}
      </ul>
    </div>
  );
}

function Patrol({ bar }: { bar: Bar }) {
  const text = useText();
  const { patrol } = bar;
  const end = patrol.ended_at ? clockOf(patrol.ended_at) : text.patrols.running;
  const label = `${term(text.patrolType, patrol.patrol_type)} ${clockOf(patrol.started_at)}–${end} ${patrol.worker.name}`;
  return (
    <li style={{ left: share(bar.from), width: share(bar.to - bar.from), top: bar.lane * LANE_PX + 2 }}>
      <Link className={`bar bar-${patrol.status}`} to={`/patrols/${patrol.id}`} title={label} aria-label={label}>
        <span aria-hidden="true">{clockOf(patrol.started_at)}</span>
      </Link>
    </li>
  );
}
