import { CheckOutlined, RollbackOutlined } from '@ant-design/icons';
import { Button, Form, Input, Radio } from 'antd';
import { useState } from 'react';
import { api } from '../../api/api';
import type { ReviewDecision, ReviewReason, TaskDetail } from '../../api/types';
import { FailureNote } from '../../components/FailureNote';
import { useAction } from '../../hooks/useAction';
import { useText } from '../../text/language';
import type { TaskDesk } from './useTaskDesk';

const REASONS: ReviewReason[] = ['not_solved', 'unclear_photo', 'wrong_place', 'missing_item', 'not_told'];
const REASON_MAX = 500;
interface Back { reason_code: ReviewReason; reason_text?: string }

/** Pass, or send back with a reason the holder can act on. Only there while a report waits for review. */
export function ReviewPanel({ task, desk }: { task: TaskDetail; desk: TaskDesk }) {
  const { review: words, common } = useText();
  const [sendingBack, setSendingBack] = useState(false);
  const decide = useAction(async (decision: ReviewDecision, done: string) => {
    await desk.carryOut(() => api.review(task.id, decision), done);
  });
  if (task.status !== 'submitted') return null;

  const { revision } = task;
  return (
    <section className="card review" aria-labelledby="task-review">
      <div className="card-head"><h2 id="task-review">{words.title}</h2></div>
      <div className="card-body">
        <p className="quiet review-lead">{words.lead}</p>
        {decide.error && <div className="task-note"><FailureNote error={decide.error} /></div>}
        {!sendingBack && (
          <div className="review-buttons">
            <Button type="primary" icon={<CheckOutlined aria-hidden="true" />} loading={decide.busy} onClick={() => void decide.run({ revision, result: 'pass' }, words.passed)}>
              {words.pass}
            </Button>
            <Button icon={<RollbackOutlined aria-hidden="true" />} disabled={decide.busy} onClick={() => setSendingBack(true)}>{words.back}</Button>
          </div>
        )}
        {sendingBack && (
          <Form<Back>
            layout="vertical" requiredMark={false} disabled={decide.busy}
            onFinish={(back) => void decide.run({ revision, result: 'fail', ...back }, words.sentBack)}
          >
            <ReasonFields />
            <div className="review-buttons">
              <Button type="primary" danger htmlType="submit" loading={decide.busy}>{words.submitBack}</Button>
              <Button onClick={() => { setSendingBack(false); decide.clear(); }}>{common.cancel}</Button>
            </div>
          </Form>
        )}
      </div>
    </section>
  );
}

function ReasonFields() {
  const { review: words, reviewReason } = useText();
  return (
    <>
      <Form.Item name="reason_code" label={words.reason} rules={[{ required: true, message: words.needReason }]}>
        <Radio.Group className="review-reasons" options={REASONS.map((value) => ({ value, label: reviewReason[value] }))} />
      </Form.Item>
      <Form.Item name="reason_text" label={words.text}>
        <Input.TextArea autoSize={{ minRows: 2, maxRows: 6 }} maxLength={REASON_MAX} placeholder={words.textHint} />
      </Form.Item>
    </>
  );
}
