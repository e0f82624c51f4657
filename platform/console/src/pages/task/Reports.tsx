import { Lag } from '../../components/marks';
import { Blank } from '../../components/Blank';
import { Photos } from '../../components/Photos';
import type { Report, TaskDetail } from '../../api/types';
import { useText } from '../../text/language';
import { term } from '../../text/term';
import { minuteOf } from '../../time/time';
import { Fact } from './TaskFacts';

/** Every report that came, newest first; photos that no report names are shown at the end. */
export function Reports({ task }: { task: TaskDetail }) {
  const words = useText().task;
  const named = new Set(task.reports.flatMap((report) => report.attachments.map((a) => a.sha256)));
  const others = task.attachments.filter((attachment) => !named.has(attachment.sha256));
  return (
    <section className="card" aria-labelledby="task-reports">
      <div className="card-head"><h2 id="task-reports">{words.reports}</h2></div>
      {task.reports.length === 0 && <Blank text={words.noReports} hint={words.noReportsHint} />}
      {task.reports.toReversed().map((report) => (
        <ReportBody key={`${report.version} ${report.received_at}`} report={report} />
      ))}
      {others.length > 0 && <div className="card-body"><h3 className="sub">{words.photos}</h3><Photos attachments={others} /></div>}
    </section>
  );
}

function ReportBody({ report }: { report: Report }) {
  const text = useText();
  const words = text.task;
  const { agreement, self_handled } = report.fact;
  return (
    <article className="report card-body">
      <header className="report-head">
        <strong className="report-result">{term(text.result, report.result)}</strong>
        <span className="tag tag-plain">{words.reportNo(report.version)}</span>
        {report.supplement && <span className="tag tag-plain">{words.supplement}</span>}
        {report.late && <span className="tag tag-late">{words.lateMark}</span>}
        <span className="report-when quiet small number">
          {words.at(minuteOf(report.occurred_at))} · <Lag occurredAt={report.occurred_at} receivedAt={report.received_at} clock={report.clock} />
        </span>
      </header>
      <p className={report.narrative ? 'report-narrative' : 'quiet'}>{report.narrative || words.noNarrative}</p>
      <dl className="facts">
        {report.measures.length > 0 && (
          <Fact label={words.measures}>
            <span className="chips">{report.measures.map((code) => <span key={code} className="tag tag-plain">{term(text.measure, code)}</span>)}</span>
          </Fact>
        )}
        {report.party_told && <Fact label={words.partyTold}>{term(text.partyTold, report.party_told)}</Fact>}
        {agreement && <Fact label={words.agreement}>{term(text.agreement, agreement)}</Fact>}
        {self_handled && <Fact label={words.selfHandled}>{text.common.yes}</Fact>}
      </dl>
      {report.attachments.length > 0 && <Photos attachments={report.attachments} />}
    </article>
  );
}
