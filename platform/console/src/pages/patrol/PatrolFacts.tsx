import type { PatrolDetail } from '../../api/types';
import { ClockDoubt } from '../../components/marks';
import { useText } from '../../text/language';
import { term } from '../../text/term';
import { minuteOf, spanOf, toMs } from '../../time/time';
import { Fact } from '../task/TaskFacts';

export function PatrolFacts({ patrol }: { patrol: PatrolDetail }) {
  const text = useText();
  const words = text.patrols;
  const [startMs, endMs] = [toMs(patrol.started_at), toMs(patrol.ended_at)];
  return (
    <section className="card" aria-labelledby="patrol-facts">
      <div className="card-head"><h2 id="patrol-facts">{text.patrol.facts}</h2></div>
      <dl className="facts facts-pair card-body">
        <Fact label={words.type}>{term(text.patrolType, patrol.patrol_type)}</Fact>
        <Fact label={words.transport}>{term(text.transport, patrol.transport)}</Fact>
        <Fact label={words.start}><span className="number">{minuteOf(patrol.started_at)}</span> <ClockDoubt clock={patrol.clock} /></Fact>
        <Fact label={words.end}><span className="number">{patrol.ended_at ? minuteOf(patrol.ended_at) : words.running}</span></Fact>
        <Fact label={text.patrol.duration}>{startMs !== undefined && endMs !== undefined ? text.common.span(spanOf(endMs - startMs)) : words.running}</Fact>
        <Fact label={words.distance}><span className="number">{words.km(patrol.distance_m)}</span></Fact>
        <Fact label={words.points}>
          <span className="number">{text.patrol.fixes(patrol.points)}</span>
          {patrol.fixes !== undefined && patrol.fixes > patrol.points && <span className="quiet small fact-under">{text.patrol.fixesOf(patrol.fixes)}</span>}
        </Fact>
        <Fact label={words.worker}>{patrol.worker.name}</Fact>
      </dl>
    </section>
  );
}
