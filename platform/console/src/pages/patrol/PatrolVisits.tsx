import { EnvironmentOutlined } from '@ant-design/icons';
import { useMemo } from 'react';
import { api } from '../../api/api';
import type { CheckpointVisit, PatrolDetail } from '../../api/types';
import { ClockDoubt } from '../../components/marks';
import { useLoad } from '../../hooks/useLoad';
import { spotsOf } from '../../map/outline';
import { useText } from '../../text/language';
import { term } from '../../text/term';
import { clockOf } from '../../time/time';

/** Visits count with or without a position: a stairwell has none. */
export function PatrolVisits({ patrol }: { patrol: PatrolDetail }) {
  const { patrol: words } = useText();
  const outline = useLoad('outline', (signal) => api.outline(signal));
  const names = useMemo(
    () => new Map((outline.value ? spotsOf(outline.value) : []).map((spot) => [spot.code, spot.name])),
    [outline.value],
  );
  return (
    <section className="card" aria-labelledby="patrol-visits">
      <div className="card-head"><h2 id="patrol-visits">{words.visits}</h2><span className="quiet small number">{patrol.visits.length}</span></div>
      <div className="card-body">
        {patrol.visits.length === 0 && <p className="quiet">{words.noVisits}</p>}
        <ol className="rows">
          {patrol.visits.map((visit) => (
            <Visit key={`${visit.checkpoint} ${visit.at}`} visit={visit} name={names.get(visit.checkpoint) ?? visit.checkpoint} />
          ))}
        </ol>
      </div>
    </section>
  );
}

function Visit({ visit, name }: { visit: CheckpointVisit; name: string }) {
  const { patrol: words, unlocatedReason } = useText();
  return (
    <li>
      <span className="number quiet">{clockOf(visit.at)}</span>
      <span className="rows-main">{name}</span>
      <ClockDoubt clock={visit.clock} />
      {visit.located
        ? <span className="quiet small"><EnvironmentOutlined aria-hidden="true" /> {words.located}</span>
        : <span className="tag tag-plain">{[words.unlocated, term(unlocatedReason, visit.unlocated_reason)].filter(Boolean).join(' · ')}</span>}
    </li>
  );
}
