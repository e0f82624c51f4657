import { App, DatePicker, Form, Input, Radio, Select } from 'antd';
import type { FormInstance } from 'antd';
import type { Dayjs } from 'dayjs';
import { useEffect } from 'react';
import { useNavigate } from 'react-router';
import { api } from '../../api/api';
import type { ApiError } from '../../api/request';
import type { TaskDraft, TaskLevel, Worker } from '../../api/types';
import { FailureNote } from '../../components/FailureNote';
import { useAction } from '../../hooks/useAction';
import { useLoad } from '../../hooks/useLoad';
import { postNames } from '../../map/outline';
import { failureText } from '../../text/failure';
import { useLanguage, useText } from '../../text/language';
import { term } from '../../text/term';
import { pickedToUtc } from '../../time/time';
import './dispatch.css';

interface Written {
  title: string; description: string; case_kind: string; level: TaskLevel; holder_id: string;
  place_text: string; grid_code?: string; due_at?: Dayjs; reason?: string;
}

const LEVELS: TaskLevel[] = ['simple', 'general', 'complex', 'urgent'];
/** All twelve kinds in sight at once. */
const KINDS_HEIGHT_PX = 400;
const TITLE_MAX = 40;
const DESCRIPTION_MAX = 1000;
const PLACE_MAX = 120;
const REASON_MAX = 500;

export function DispatchForm({ id }: { id: string }) {
  const { dispatch: words, caseKind } = useText();
  const { message } = App.useApp();
  const navigate = useNavigate();
  const [form] = Form.useForm<Written>();
  const send = useAction(async (written: Written) => {
    const task = await api.dispatch(draftOf(written));
    void message.success(words.done(task.no));
    void navigate(`/tasks/${task.id}`);
  });
  useFieldFailure(form, send.error);

  return (
    <Form<Written>
      id={id} form={form} layout="vertical" requiredMark={false} disabled={send.busy} scrollToFirstError={{ focus: true }}
      initialValues={{ level: 'simple' }} onFinish={(written) => void send.run(written)}
    >
      {send.error && <div className="dispatch-failure"><FailureNote error={send.error} /></div>}
      <Form.Item name="title" label={words.name} rules={[{ required: true, whitespace: true, message: words.needTitle }]}>
        <Input maxLength={TITLE_MAX} showCount placeholder={words.nameHint} />
      </Form.Item>
      <Form.Item name="description" label={words.description} rules={[{ required: true, whitespace: true, message: words.needDescription }]}>
        <Input.TextArea autoSize={{ minRows: 3, maxRows: 8 }} maxLength={DESCRIPTION_MAX} />
      </Form.Item>
      <Form.Item name="case_kind" label={words.kind} rules={[{ required: true, message: words.needKind }]}>
        <Select listHeight={KINDS_HEIGHT_PX} options={Object.entries(caseKind).map(([value, label]) => ({ value, label }))} showSearch={{ optionFilterProp: 'label' }} />
      </Form.Item>
      <LevelField />
      <DueFields />
      <HolderField />
      <Form.Item name="place_text" label={words.place} rules={[{ required: true, whitespace: true, message: words.needPlace }]}>
        <Input maxLength={PLACE_MAX} />
      </Form.Item>
      <Form.Item name="grid_code" label={<>{words.grid}<span className="quiet small"> · {words.optional}</span></>} rules={[{ pattern: /^\d{15}$/, message: words.badGrid }]}>
        <Input inputMode="numeric" maxLength={15} placeholder={words.gridHint} />
      </Form.Item>
      <p className="quiet small">{words.offline}</p>
    </Form>
  );
}

function LevelField() {
  const { dispatch: words, level } = useText();
  const hints = { simple: words.simpleHint, general: words.generalHint, complex: words.complexHint, urgent: words.urgentHint };
  const chosen = Form.useWatch<TaskLevel | undefined>('level');
  return (
    <Form.Item name="level" label={words.level} extra={chosen && hints[chosen]}>
      <Radio.Group optionType="button" buttonStyle="solid" options={LEVELS.map((value) => ({ value, label: level[value] }))} />
    </Form.Item>
  );
}

/** Only a complex task has a due time set by a person, and then with its reason. */
function DueFields() {
  const words = useText().dispatch;
  if (Form.useWatch<TaskLevel | undefined>('level') !== 'complex') return null;
  return (
    <div className="dispatch-due">
      <Form.Item name="due_at" label={words.due} rules={[{ required: true, message: words.needDue }]}>
        <DatePicker showTime={{ format: 'HH:mm' }} format="YYYY-MM-DD HH:mm" needConfirm={false} showNow={false} />
      </Form.Item>
      <Form.Item name="reason" label={words.reason} rules={[{ required: true, whitespace: true, message: words.needDueReason }]}>
        <Input maxLength={REASON_MAX} placeholder={words.reasonHint} />
      </Form.Item>
    </div>
  );
}

function HolderField() {
  const { dispatch: words, workerRole } = useText();
  const workers = useLoad('workers', (signal) => api.workers(signal));
  const outline = useLoad('outline', (signal) => api.outline(signal));
  const posts = outline.value ? postNames(outline.value) : {};
  const label = (worker: Worker) =>
    [worker.name, worker.job_no, term(workerRole, worker.role), term(posts, worker.post)].filter(Boolean).join(' · ');
  return (
    <>
      <Form.Item name="holder_id" label={words.holder} rules={[{ required: true, message: words.needHolder }]}>
        <Select
          showSearch={{ optionFilterProp: 'label' }} loading={workers.loading} placeholder={words.holderHint}
          options={workers.value?.items.map((worker) => ({ value: worker.id, label: label(worker) })) ?? []}
        />
      </Form.Item>
      {workers.error && <div className="dispatch-failure"><FailureNote error={workers.error} onRetry={workers.reload} /></div>}
    </>
  );
}

/** A refusal that names a field is shown at that field too. */
function useFieldFailure(form: FormInstance<Written>, error: ApiError | undefined): void {
  const { language, text } = useLanguage();
  useEffect(() => {
    const field = error?.field as keyof Written | undefined;
    if (error && field) form.setFields([{ name: field, errors: [failureText(error, language, text)] }]);
  }, [form, error, language, text]);
}

function draftOf(written: Written): TaskDraft {
  const { due_at, reason, grid_code, ...rest } = written;
  return {
    ...rest,
    ...(grid_code ? { grid_code } : {}),
    ...(written.level === 'complex' && due_at ? { due_at: pickedToUtc(due_at) } : {}),
    ...(written.level === 'complex' && reason ? { reason } : {}),
  };
}
