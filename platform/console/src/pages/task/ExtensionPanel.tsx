import { CheckOutlined, CloseOutlined } from '@ant-design/icons';
import { Button, Form, Input } from 'antd';
import { useState } from 'react';
import { api } from '../../api/api';
import type { Extension, ExtensionAnswer, TaskDetail } from '../../api/types';
import { FailureNote } from '../../components/FailureNote';
import { Lag } from '../../components/marks';
import { useAction } from '../../hooks/useAction';
import { useText } from '../../text/language';
import { term } from '../../text/term';
import { minuteOf } from '../../time/time';
import { Fact } from './TaskFacts';
import type { TaskDesk } from './useTaskDesk';

const REASON_MAX = 500;

/** Every request for more time, newest first; the one that waits can be answered. Only there once one was made. */
export function ExtensionPanel({ task, desk }: { task: TaskDetail; desk: TaskDesk }) {
  const words = useText().extension;
  if (task.extensions.length === 0) return null;
  return (
    <section className="card" aria-labelledby="task-extension">
      <div className="card-head"><h2 id="task-extension">{words.title}</h2></div>
      {task.extensions.toReversed().map((extension) => (
        <article key={`${extension.received_at} ${extension.wanted_due_at} ${extension.state}`} className="report card-body">
          <Asked extension={extension} />
          {extension.state === 'pending' && isAnswerable(task) && <Answer task={task} extension={extension} desk={desk} />}
        </article>
      ))}
    </section>
  );
}

/** What was recalled or is void needs no more time. */
const isAnswerable = (task: TaskDetail): boolean => !['recalled', 'voided', 'returned', 'escalated'].includes(task.status);

function Asked({ extension }: { extension: Extension }) {
  const { extension: words, extensionState } = useText();
  const { state, decided_by, given_due_at, answer } = extension;
  return (
    <>
      <header className="report-head">
        <span className={state === 'late' ? 'tag tag-late' : 'tag tag-plain'}>{term(extensionState, state)}</span>
        <span className="report-when quiet small number">
          {minuteOf(extension.occurred_at)} · <Lag occurredAt={extension.occurred_at} receivedAt={extension.received_at} clock={extension.clock} />
        </span>
      </header>
      <p className="report-narrative">{extension.reason}</p>
      <dl className="facts">
        <Fact label={words.asked}>{extension.author.name}</Fact>
        <Fact label={words.wanted}><span className="number">{minuteOf(extension.wanted_due_at)}</span></Fact>
        <Fact label={words.dueThen}><span className="number">{minuteOf(extension.due_then)}</span></Fact>
        {decided_by && (
          <Fact label={words.given}>
            {given_due_at ? words.givenUntil(decided_by.name, minuteOf(given_due_at)) : words.refusedBy(decided_by.name, answer ?? '')}
          </Fact>
        )}
      </dl>
    </>
  );
}

function Answer({ task, extension, desk }: { task: TaskDetail; extension: Extension; desk: TaskDesk }) {
  const { extension: words, common } = useText();
  const [refusing, setRefusing] = useState(false);
  const decide = useAction(async (answer: ExtensionAnswer, done: string) => {
    await desk.carryOut(() => api.answerExtension(task.id, answer), done);
  });
  const { revision } = task;
  return (
    <>
      <p className="quiet review-lead">{words.lead}</p>
      {decide.error && <div className="task-note"><FailureNote error={decide.error} /></div>}
      {!refusing && (
        <div className="review-buttons">
          <Button type="primary" icon={<CheckOutlined aria-hidden="true" />} loading={decide.busy} onClick={() => void decide.run({ revision, result: 'grant' }, words.granted)}>
            {words.grant(minuteOf(extension.wanted_due_at))}
          </Button>
          <Button icon={<CloseOutlined aria-hidden="true" />} disabled={decide.busy} onClick={() => setRefusing(true)}>{words.refuse}</Button>
        </div>
      )}
      {refusing && (
        <Form<{ reason_text: string }>
          layout="vertical" requiredMark={false} disabled={decide.busy}
          onFinish={({ reason_text }) => void decide.run({ revision, result: 'refuse', reason_text: reason_text.trim() }, words.refused)}
        >
          <Form.Item name="reason_text" label={words.reason} rules={[{ required: true, whitespace: true, message: words.needReason }]}>
            <Input.TextArea autoSize={{ minRows: 2, maxRows: 6 }} maxLength={REASON_MAX} autoFocus />
          </Form.Item>
          <div className="review-buttons">
            <Button type="primary" danger htmlType="submit" loading={decide.busy}>{words.submitRefuse}</Button>
            <Button onClick={() => { setRefusing(false); decide.clear(); }}>{common.cancel}</Button>
          </div>
        </Form>
      )}
    </>
  );
}
