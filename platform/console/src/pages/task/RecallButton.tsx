import { Button, Form, Input, Modal } from 'antd';
import { useState } from 'react';
import { api } from '../../api/api';
import type { TaskDetail, TaskStatus } from '../../api/types';
import { useMayDispatch } from '../../app/session';
import { FailureNote } from '../../components/FailureNote';
import { useAction } from '../../hooks/useAction';
import { useText } from '../../text/language';
import type { TaskDesk } from './useTaskDesk';

const LIVE: ReadonlySet<TaskStatus> = new Set(['assigned', 'accepted', 'on_site', 'submitted', 'rework', 'suspended']);
const REASON_MAX = 500;
const FORM = 'recall-form';

/** Takes a live task back. The reason is required, because the holder reads it. */
export function RecallButton({ task, desk }: { task: TaskDetail; desk: TaskDesk }) {
  const { task: words, common } = useText();
  const mayDispatch = useMayDispatch();
  const [open, setOpen] = useState(false);
  const recall = useAction(async ({ reason_text }: { reason_text: string }) => {
    await desk.carryOut(() => api.recall(task.id, task.revision, reason_text.trim()), words.recallDone);
    setOpen(false);
  });
  if (!mayDispatch || !LIVE.has(task.status)) return null;
  const close = () => { setOpen(false); recall.clear(); };
  return (
    <>
      <Button onClick={() => setOpen(true)}>{words.recall}</Button>
      <Modal
        title={words.recallTitle} open={open} onCancel={close} destroyOnHidden
        okText={words.recallSubmit} cancelText={common.cancel} confirmLoading={recall.busy}
        okButtonProps={{ htmlType: 'submit', form: FORM, danger: true }}
      >
        <p className="quiet recall-hint">{words.recallHint}</p>
        {recall.error && <div className="task-note"><FailureNote error={recall.error} /></div>}
        <Form<{ reason_text: string }> id={FORM} layout="vertical" requiredMark={false} onFinish={(written) => void recall.run(written)}>
          <Form.Item name="reason_text" label={words.recallReason} rules={[{ required: true, whitespace: true, message: words.needRecallReason }]}>
            <Input.TextArea autoSize={{ minRows: 3, maxRows: 6 }} maxLength={REASON_MAX} autoFocus />
          </Form.Item>
        </Form>
      </Modal>
    </>
  );
}
