import type { CountEntry, PatrolDetail } from '../../api/types';
import { CountValue } from '../../components/CountValue';
import { ClockDoubt } from '../../components/marks';
import { useText } from '../../text/language';
import { term } from '../../text/term';
import { clockOf } from '../../time/time';

export function PatrolCounts({ patrol }: { patrol: PatrolDetail }) {
  const text = useText();
  const words = text.patrol;
  return (
    <section className="card" aria-labelledby="patrol-counts">
      <div className="card-head"><h2 id="patrol-counts">{words.counts}</h2><span className="quiet small number">{patrol.counts.length}</span></div>
      <div className="card-body">
        {patrol.counts.length === 0 && <p className="quiet">{words.noCounts}</p>}
        <ul className="rows rows-columns">
          {patrol.counts.map((entry) => <Entry key={`${entry.device} ${entry.seq}`} entry={entry} />)}
        </ul>
      </div>
    </section>
  );
}

function Entry({ entry }: { entry: CountEntry }) {
  const text = useText();
  return (
    <li>
      <span className="number quiet">{clockOf(entry.recorded_at)}</span>
      <span className="rows-main">
        {term(text.countKind, entry.count_kind)}
        {entry.reason && <span className="quiet small"> · {text.counts.reason} {entry.reason}</span>}
      </span>
      <ClockDoubt clock={entry.clock} />
      <CountValue kind={entry.count_kind} value={entry.value} />
    </li>
  );
}
