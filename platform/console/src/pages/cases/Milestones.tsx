import type { CaseSummary } from '../../api/types';
import { ClockDoubt } from '../../components/marks';
import { useText } from '../../text/language';
import { term } from '../../text/term';
import { secondOf, stopwatchOf, toMs } from '../../time/time';

/** A rescue's steps in the order they happened; the first carries the clock, the rest how long after. */
export function Milestones({ milestones }: { milestones: CaseSummary['milestones'] }) {
  const text = useText();
  const words = text.cases;
  const steps = milestones.toSorted((a, b) => (toMs(a.at) ?? 0) - (toMs(b.at) ?? 0));
  const startMs = toMs(steps[0]?.at) ?? 0;
  if (steps.length === 0) return <span className="quiet small">{words.noMilestones}</span>;
  return (
    <ol className="milestones" aria-label={words.milestones}>
      {steps.map((step, index) => (
        <li key={`${step.milestone} ${step.at}`} title={secondOf(step.at)}>
          <span className="milestone-name">{term(text.milestone, step.milestone)}</span>
          <span className="quiet small number">
            {index === 0 ? secondOf(step.at) : words.plus(stopwatchOf((toMs(step.at) ?? startMs) - startMs))}
          </span>
          <ClockDoubt clock={step.clock} />
        </li>
      ))}
    </ol>
  );
}
