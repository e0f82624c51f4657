import { Button, type TableProps } from 'antd';
import { Link } from 'react-router';
import type { PatrolSummary } from '../../api/types';
import { List } from '../../components/List';
import { ClockDoubt } from '../../components/marks';
import { useText } from '../../text/language';
import { term } from '../../text/term';
import type { Text } from '../../text/zh';
import { clockOf, dayOf, shortOf } from '../../time/time';

interface Props {
  rows: PatrolSummary[]; total: number; page: number;
  onPage: (page: number) => void;
  /** Narrows the list to one day; absent when it already is. */
  onDay: ((day: string) => void) | undefined;
}

export function PatrolList({ rows, total, page, onPage, onDay }: Props) {
  const text = useText();
  return (
    <List<PatrolSummary>
      label={text.patrols.title} rows={rows} total={total} page={page} onPage={onPage}
      columns={columnsOf(text, onDay)} rowKey={(row) => row.id} empty={text.patrols.empty}
      opens={(row) => `/patrols/${row.id}`}
    />
  );
}

type Columns = NonNullable<TableProps<PatrolSummary>['columns']>;

function columnsOf(text: Text, onDay: Props['onDay']): Columns {
  const words = text.patrols;
  return [
    { title: words.day, key: 'day', width: 112, render: (_, row) => <Day day={dayOf(row.started_at)} onDay={onDay} /> },
    {
      title: words.post, key: 'post', render: (_, row) => (
        <div className="stack">
          <Link className="task-link" to={`/patrols/${row.id}`} aria-label={words.open(row.post_name, shortOf(row.started_at))}>{row.post_name}</Link>
          <span className="quiet small">{term(text.patrolType, row.patrol_type)} · {term(text.transport, row.transport)}</span>
        </div>
      ),
    },
    { title: words.startEnd, key: 'time', width: 132, render: (_, row) => <div className="stack task-marks"><Period patrol={row} /><ClockDoubt clock={row.clock} /></div> },
    { title: words.worker, key: 'worker', width: 98, render: (_, row) => row.worker.name },
    { title: words.status, key: 'status', width: 80, render: (_, row) => <span className={`tag patrol-${row.status}`}>{term(text.patrolStatus, row.status)}</span> },
    { title: words.distance, key: 'distance', width: 94, align: 'right', render: (_, row) => <span className="number">{words.km(row.distance_m)}</span> },
    number(words.points, 'points'), number(words.gaps, 'gaps'), number(words.visits, 'visits'),
    number(words.observations, 'observations'), number(words.counts, 'counts'),
  ];
}

function number(title: string, key: 'points' | 'gaps' | 'visits' | 'observations' | 'counts'): Columns[number] {
  return { title, key, width: 66, align: 'right', render: (_, row) => <span className="number">{row[key]}</span> };
}

function Day({ day, onDay }: { day: string; onDay: Props['onDay'] }) {
  const words = useText().patrols;
  if (!onDay) return <span className="number nowrap">{day}</span>;
  return <Button type="link" className="day-link number" aria-label={words.onlyDay(day)} onClick={() => onDay(day)}>{day}</Button>;
}

function Period({ patrol }: { patrol: PatrolSummary }) {
  const words = useText().patrols;
  const sameDay = dayOf(patrol.started_at) === dayOf(patrol.ended_at);
  const end = patrol.ended_at ? (sameDay ? clockOf(patrol.ended_at) : shortOf(patrol.ended_at)) : words.running;
  return <span className="number nowrap">{clockOf(patrol.started_at)} – {end}</span>;
}
