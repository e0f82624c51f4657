import type { TableProps } from 'antd';
import { Link } from 'react-router';
import type { TaskSummary } from '../../api/types';
import { AskedMark, DueLight, LateMark, LevelTag, PhotoCount, StatusTag } from '../../components/marks';
import { List } from '../../components/List';
import { useNow } from '../../hooks/useNow';
import { useText } from '../../text/language';
import { term } from '../../text/term';
import type { Text } from '../../text/zh';
import { shortOf, spanOf, toMs } from '../../time/time';
import './tasks.css';

interface Props { rows: TaskSummary[]; total: number; page: number; onPage: (page: number) => void }

export function TaskList({ rows, total, page, onPage }: Props) {
  const text = useText();
  const now = useNow();
  return (
    <List<TaskSummary>
      label={text.tasks.title} rows={rows} total={total} page={page} onPage={onPage}
      columns={columnsOf(text, now)} rowKey={(task) => task.id} empty={text.tasks.empty}
      opens={(task) => `/tasks/${task.id}`}
    />
  );
}

function columnsOf(text: Text, now: number): NonNullable<TableProps<TaskSummary>['columns']> {
  const words = text.tasks;
  return [
    { title: words.due, key: 'due', width: 236, render: (_, task) => <Due task={task} now={now} /> },
    {
      title: words.task, key: 'task', render: (_, task) => (
        <div className="stack">
          <Link className="clip task-link" to={`/tasks/${task.id}`} title={task.title}>{task.title}</Link>
          <span className="clip quiet small number">{task.no} · {term(text.caseKind, task.case_kind)}</span>
        </div>
      ),
    },
    { title: text.task.level, key: 'level', width: 82, render: (_, task) => <LevelTag level={task.level} /> },
    {
      title: words.status, key: 'status', width: 118, render: (_, task) => (
        <div className="stack task-marks"><StatusTag status={task.status} /><LateMark task={task} /><AskedMark task={task} /></div>
      ),
    },
    {
      title: `${words.holder} · ${words.place}`, key: 'holder', width: 158, render: (_, task) => (
        <div className="stack">
          <span className="clip" title={task.holder.name}>{task.holder.name}</span>
          <span className="clip quiet small" title={task.place_text}>{task.place_text}</span>
        </div>
      ),
    },
    { title: words.photos, key: 'photos', width: 128, render: (_, task) => <PhotoCount here={task.photos_here} expected={task.photos_expected} /> },
    { title: words.created, key: 'created', width: 118, render: (_, task) => <span className="number nowrap">{shortOf(task.created_at)}</span> },
  ];
}

function Due({ task, now }: { task: TaskSummary; now: number }) {
  const words = useText().tasks;
  const left = (toMs(task.due_at) ?? now) - now;
  let when = left >= 0 ? words.left(spanOf(left)) : words.over(spanOf(left));
  if (task.light === 'done') when = task.done_at ? shortOf(task.done_at) : '';
  return (
    <div className="stack">
      <span className="due-line"><DueLight task={task} /><span className="quiet small number nowrap">{when}</span></span>
      <span className="quiet small number nowrap">{words.dueAt(shortOf(task.due_at))}</span>
    </div>
  );
}
