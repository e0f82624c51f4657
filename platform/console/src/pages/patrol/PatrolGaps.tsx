import type { PatrolDetail } from '../../api/types';
import { splitTrack } from '../../map/track';
import { useText } from '../../text/language';
import { spanOf } from '../../time/time';

/** The gaps in words, for whoever does not read the map. */
export function PatrolGaps({ patrol }: { patrol: PatrolDetail }) {
  const { patrol: words, common } = useText();
  const { gaps } = splitTrack(patrol.runs, patrol.gaps_at);
  return (
    <section className="card" aria-labelledby="patrol-gaps">
      <div className="card-head"><h2 id="patrol-gaps">{words.gapsTitle}</h2><span className="quiet small number">{gaps.length}</span></div>
      <div className="card-body">
        {gaps.length === 0 && <p className="quiet">{words.noGaps}</p>}
        {gaps.length > 0 && (
          <>
            <p className="quiet small">{words.gapHint}</p>
            <ul className="gap-list">
              {gaps.map((gap, index) => (
                <li key={`${gap.from.join()} ${index}`}><i className="legend-gap" aria-hidden="true" />{common.span(spanOf(gap.seconds * 1000))}</li>
              ))}
            </ul>
          </>
        )}
      </div>
    </section>
  );
}
