/** The small marks that lists and pages share: always a word beside the colour. */
import { CheckCircleFilled, ClockCircleFilled, PauseCircleFilled, PictureOutlined, QuestionCircleFilled } from '@ant-design/icons';
import { Tooltip } from 'antd';
import type { ClockQuality, TaskLevel, TaskStatus, TaskSummary } from '../api/types';
import { useText } from '../text/language';
import { term } from '../text/term';
import { lagMs, spanOf } from '../time/time';
import { dueSign, type DueSign, type DueTask } from './due';

export function StatusTag({ status }: { status: TaskStatus }) {
  const { taskStatus } = useText();
  return <span className={`tag status-${status}`}>{term(taskStatus, status)}</span>;
}

export function DueLight({ task }: { task: DueTask }) {
  const words = useText().light;
  const shown = dueSign(task);
  return <span className={`light light-${shown}`}><LightSign shown={shown} />{term(words, shown)}</span>;
}

function LightSign({ shown }: { shown: DueSign }) {
  if (shown === 'undecided' || shown === 'asked') return <QuestionCircleFilled aria-hidden="true" />;
  if (shown === 'done') return <CheckCircleFilled aria-hidden="true" />;
  if (shown === 'stopped') return <PauseCircleFilled aria-hidden="true" />;
  return <i className="light-dot" aria-hidden="true" />;
}

export function LevelTag({ level }: { level: TaskLevel }) {
  const words = useText().level;
  return <span className={level === 'urgent' ? 'tag tag-urgent' : 'tag tag-plain'}>{term(words, level)}</span>;
}

export function UrgentTag() {
  const { cases } = useText();
  return <span className="tag tag-urgent">{cases.urgent}</span>;
}

export function LateMark({ task }: { task: Pick<TaskSummary, 'late_report'> }) {
  const { tasks } = useText();
  if (!task.late_report) return null;
  return <Tooltip title={tasks.lateHint}><span className="tag tag-late">{tasks.late}</span></Tooltip>;
}

export function AskedMark({ task }: { task: Pick<TaskSummary, 'extension_waits'> }) {
  const { tasks } = useText();
  if (!task.extension_waits) return null;
  return <span className="tag tag-care">{tasks.asked}</span>;
}

export function PhotoCount({ here, expected }: { here: number; expected: number }) {
  const { common } = useText();
  if (expected === 0) return <span className="quiet">{common.noPhotos}</span>;
  return (
    <span className={here < expected ? 'photo-count photo-count-waiting' : 'photo-count'}>
      <PictureOutlined aria-hidden="true" /> {common.photos(here, expected)}
    </span>
  );
}

/** A doubtful phone clock: the time beside it stands for a claim only, until a person confirms it. */
export function ClockDoubt({ clock }: { clock: ClockQuality }) {
  const { clock: words, common } = useText();
  if (clock !== 'suspect') return null;
  return <Tooltip title={common.clockHint}><span className="tag tag-care">{words.suspect}</span></Tooltip>;
}

/** Below this a record counts as received when it happened. */
export const LAG_SHOWN_FROM_MS = 60_000;

/** Transfer lag, told apart from lateness: it is a fact about the link, never about the person. From a doubtful time there
 * is none to tell. */
export function Lag({ occurredAt, receivedAt, clock }: { occurredAt: string; receivedAt: string; clock: ClockQuality }) {
  const { common } = useText();
  if (clock === 'suspect') return <ClockDoubt clock={clock} />;
  const ms = lagMs(occurredAt, receivedAt);
  if (ms < LAG_SHOWN_FROM_MS) return <span className="lag">{common.lagNone}</span>;
  return (
    <Tooltip title={common.lagHint}>
      <span className="lag lag-long"><ClockCircleFilled aria-hidden="true" /> {common.lagOf(spanOf(ms))}</span>
    </Tooltip>
  );
}
