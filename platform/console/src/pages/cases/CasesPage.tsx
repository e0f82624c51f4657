import { Select, type TableProps } from 'antd';
import { api } from '../../api/api';
import type { CaseSummary } from '../../api/types';
import { List } from '../../components/List';
import { LoadView } from '../../components/LoadView';
import { Lag, PhotoCount, UrgentTag } from '../../components/marks';
import { Freshness, PageHead } from '../../components/PageHead';
import { sliceOf } from '../../hooks/pageSize';
import { useFilters } from '../../hooks/useFilters';
import { useLoad } from '../../hooks/useLoad';
import { useText } from '../../text/language';
import { term } from '../../text/term';
import type { Text } from '../../text/zh';
import { shortOf } from '../../time/time';
import { Milestones } from './Milestones';
import './cases.css';

const REFRESH_EVERY_MS = 30_000;
/** All kinds in sight at once. */
const KINDS_HEIGHT_PX = 430;

export function CasesPage() {
  const text = useText();
  const words = text.cases;
  const filters = useFilters();
  const kind = filters.get('case_kind');
  const query = { ...sliceOf(filters.page), ...(kind ? { case_kind: kind } : {}) };
  const loaded = useLoad(`cases ${JSON.stringify(query)}`, (signal) => api.cases(query, signal), REFRESH_EVERY_MS);
  const kinds = Object.entries(text.caseKind).map(([value, label]) => ({ value, label }));

  return (
    <>
      <PageHead title={words.title} lead={words.lead} actions={<Freshness loaded={loaded} />} />
      <div className="filters">
        <Select
          className="case-filter" listHeight={KINDS_HEIGHT_PX} aria-label={words.filter} value={kind ?? ''}
          onChange={(value: string) => filters.set({ case_kind: value || undefined })}
          options={[{ value: '', label: text.common.all }, ...kinds]}
        />
      </div>
      <LoadView loaded={loaded}>
        {(page) => (
          <List<CaseSummary>
            label={words.title} rows={page.items} total={page.total} page={filters.page} onPage={filters.setPage}
            columns={columnsOf(text)} rowKey={(row) => row.id} empty={words.empty}
            rowClassName={(row) => (row.urgent ? 'case-urgent' : '')}
            expandable={{
              showExpandColumn: false,
              rowExpandable: (row) => row.urgent,
              expandedRowKeys: page.items.filter((row) => row.urgent).map((row) => row.id),
              expandedRowRender: (row) => <Milestones milestones={row.milestones} />,
            }}
          />
        )}
      </LoadView>
    </>
  );
}

function columnsOf(text: Text): NonNullable<TableProps<CaseSummary>['columns']> {
  const words = text.cases;
  return [
    {
      title: words.name, key: 'name', render: (_, row) => (
        <div className="stack">
          <span className="case-title">{row.urgent && <UrgentTag />}<strong className="clip" title={row.title}>{row.title}</strong></span>
          <span className="quiet small number">{row.no}</span>
        </div>
      ),
    },
    { title: words.kind, key: 'kind', width: 118, render: (_, row) => <span className="tag tag-plain">{term(text.caseKind, row.case_kind)}</span> },
    { title: text.task.place, key: 'place', width: 136, render: (_, row) => <span className="clip" title={row.place_text}>{row.place_text}</span> },
    { title: words.reporter, key: 'reporter', width: 98, render: (_, row) => row.reporter.name },
    { title: words.reported, key: 'reported', width: 104, render: (_, row) => <span className="number nowrap">{shortOf(row.reported_at)}</span> },
    {
      title: words.received, key: 'received', width: 176, render: (_, row) => (
        <div className="stack">
          <span className="number nowrap">{shortOf(row.received_at)}</span>
          <span className="small"><Lag occurredAt={row.reported_at} receivedAt={row.received_at} clock={row.clock} /></span>
        </div>
      ),
    },
    { title: words.reports, key: 'reports', width: 70, render: (_, row) => <span className="number">{words.reportCount(row.reports)}</span> },
    { title: words.photos, key: 'photos', width: 140, render: (_, row) => <PhotoCount here={row.photos_here} expected={row.photos_expected} /> },
  ];
}
