import type { PatrolDetail } from '../../api/types';
import { ClockDoubt } from '../../components/marks';
import { Photos } from '../../components/Photos';
import { useText } from '../../text/language';
import { term } from '../../text/term';
import { clockOf } from '../../time/time';

/** What was seen, numbered as on the map. */
export function PatrolFindings({ patrol }: { patrol: PatrolDetail }) {
  const { patrol: words, observationKind } = useText();
  const { observations } = patrol;
  return (
    <section className="card" aria-labelledby="patrol-findings">
      <div className="card-head"><h2 id="patrol-findings">{words.observations}</h2><span className="quiet small number">{observations.length}</span></div>
      <div className="card-body">
        {observations.length === 0 && <p className="quiet">{words.noObservations}</p>}
        <ol className="findings">
          {observations.map((observation, index) => (
            <li key={`${observation.at} ${index}`}>
              <span className="finding-number number" aria-hidden="true">{index + 1}</span>
              <div className="finding-body">
                <div className="finding-head">
                  <strong>{term(observationKind, observation.kind)}</strong>
                  <span className="number quiet">{clockOf(observation.at)}</span>
                  <ClockDoubt clock={observation.clock} />
                  {!observation.point && <span className="tag tag-plain">{words.unlocated}</span>}
                </div>
                {observation.note && <p>{observation.note}</p>}
                {observation.attachments.length > 0 && <Photos attachments={observation.attachments} />}
              </div>
            </li>
          ))}
        </ol>
      </div>
    </section>
  );
}
