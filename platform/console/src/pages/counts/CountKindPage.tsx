import { Alert, type TableProps } from 'antd';
import { Link, useLocation, useParams } from 'react-router';
import { api } from '../../api/api';
import type { CountEntry } from '../../api/types';
import { CountValue, numberText } from '../../components/CountValue';
import { List } from '../../components/List';
import { LoadView } from '../../components/LoadView';
import { Lag } from '../../components/marks';
import { Freshness, PageHead } from '../../components/PageHead';
import { sliceOf } from '../../hooks/pageSize';
import { useFilters } from '../../hooks/useFilters';
import { useLoad } from '../../hooks/useLoad';
import { useText } from '../../text/language';
import { term } from '../../text/term';
import type { Text } from '../../text/zh';
import { minuteOf, shortOf } from '../../time/time';
import { RangeField, rangeOf } from './RangeField';
import './counts.css';

const DEVICE_SHOWN = 8;

/** Every record behind one total: the sum of this list is the number on the page before. */
export function CountKindPage() {
  const { kind = '' } = useParams();
  const text = useText();
  const words = text.counts;
  const filters = useFilters();
  const { search } = useLocation();
  const range = rangeOf(filters);
  const query = { ...range, ...sliceOf(filters.page) };
  const loaded = useLoad(`count ${kind} ${JSON.stringify(query)}`, (signal) => api.countEntries(kind, query, signal));
  const totals = useLoad(`counts ${JSON.stringify(range)}`, (signal) => api.counts(range, signal));
  const total = totals.value?.items.find((item) => item.count_kind === kind);
  const name = term(text.countKind, kind);

  return (
    <>
      <PageHead
        title={words.detail(name)} crumb={{ to: `/counts${search}`, label: words.crumb }} actions={<Freshness loaded={loaded} />}
        beside={total && <span className="kind-total">{words.total} <strong className="number">{numberText(total.total)}</strong> {term(text.countUnit, kind)}</span>}
      />
      <div className="filters"><RangeField filters={filters} /></div>
      <LoadView loaded={loaded}>
        {(page) => (
          <>
            {page.items.some((entry) => entry.value < 0) && <Alert className="stale" type="info" showIcon title={words.correctionNote} />}
            <List<CountEntry>
              label={words.detail(name)} rows={page.items} total={page.total} page={filters.page} onPage={filters.setPage}
              columns={columnsOf(text)} rowKey={(entry) => `${entry.device} ${entry.seq}`} empty={words.empty}
            />
          </>
        )}
      </LoadView>
    </>
  );
}

function columnsOf(text: Text): NonNullable<TableProps<CountEntry>['columns']> {
  const words = text.counts;
  return [
    { title: words.recorded, key: 'recorded', width: 152, render: (_, entry) => <span className="number nowrap">{minuteOf(entry.recorded_at)}</span> },
    { title: words.value, key: 'value', width: 130, align: 'right', render: (_, entry) => <CountValue kind={entry.count_kind} value={entry.value} /> },
    { title: words.reason, key: 'reason', render: (_, entry) => <Reason entry={entry} /> },
    { title: words.post, key: 'post', width: 112, render: (_, entry) => entry.post_name || entry.post },
    { title: words.worker, key: 'worker', width: 98, render: (_, entry) => entry.worker.name },
    {
      title: words.received, key: 'received', width: 176, render: (_, entry) => (
        <div className="stack">
          <span className="number nowrap">{shortOf(entry.received_at)}</span>
          <span className="small"><Lag occurredAt={entry.recorded_at} receivedAt={entry.received_at} clock={entry.clock} /></span>
        </div>
      ),
    },
    { title: words.patrol, key: 'patrol', width: 88, render: (_, entry) => entry.patrol && <Link to={`/patrols/${entry.patrol}`}>{words.openPatrol}</Link> },
    {
      title: words.source, key: 'source', width: 128,
      render: (_, entry) => <span className="quiet small number nowrap" title={entry.device}>{entry.device.slice(0, DEVICE_SHOWN)} #{entry.seq}</span>,
    },
  ];
}

function Reason({ entry }: { entry: CountEntry }) {
  const words = useText().counts;
  if (!entry.summed) return <span className="count-reason"><span className="tag tag-care">{words.notSummed}</span>{entry.reason}</span>;
  if (entry.value >= 0) return <>{entry.reason}</>;
  return <span className="count-reason"><span className="tag tag-late">{words.correction}</span>{entry.reason ?? words.noReason}</span>;
}
