import { PlusOutlined, SearchOutlined } from '@ant-design/icons';
import { Button, Input, Segmented } from 'antd';
import { useState } from 'react';
import { api } from '../../api/api';
import type { TaskStatus } from '../../api/types';
import { useMayDispatch } from '../../app/session';
import { LoadView } from '../../components/LoadView';
import { Freshness, PageHead } from '../../components/PageHead';
import { sliceOf } from '../../hooks/pageSize';
import { useFilters } from '../../hooks/useFilters';
import { useLoad } from '../../hooks/useLoad';
import { useText } from '../../text/language';
import { DispatchDrawer } from '../dispatch/DispatchDrawer';
import { TaskList } from './TaskList';
import { WaitingExtensions } from './WaitingExtensions';

const REFRESH_EVERY_MS = 15_000;
const ANY = 'any';
const STATUSES: TaskStatus[] = [
  'assigned', 'accepted', 'on_site', 'submitted', 'rework', 'suspended', 'escalated', 'returned', 'recalled', 'voided', 'closed',
];

export function TasksPage() {
  const { tasks: words, common, taskStatus } = useText();
  const mayDispatch = useMayDispatch();
  const filters = useFilters();
  const [dispatching, setDispatching] = useState(false);
  const status = filters.get('status');
  const q = filters.get('q');
  const sort = filters.get('sort') === 'created' ? 'created' : 'due';
  const query = { sort, ...sliceOf(filters.page), ...(status ? { status } : {}), ...(q ? { q } : {}) } as const;
  const loaded = useLoad(`tasks ${JSON.stringify(query)}`, (signal) => api.tasks(query, signal), REFRESH_EVERY_MS);

  return (
    <>
      <PageHead
        title={words.title}
        actions={(
          <>
            <Freshness loaded={loaded} />
            {mayDispatch && <Button type="primary" icon={<PlusOutlined aria-hidden="true" />} onClick={() => setDispatching(true)}>{words.dispatch}</Button>}
          </>
        )}
      />
      <WaitingExtensions />
      <div className="filters">
        <Input
          key={q ?? ''} defaultValue={q ?? ''} allowClear role="searchbox" className="task-search"
          placeholder={words.search} aria-label={words.searchLabel} prefix={<SearchOutlined aria-hidden="true" />}
          onPressEnter={(event) => filters.set({ q: event.currentTarget.value.trim() || undefined })}
          onClear={() => filters.set({ q: undefined })}
        />
        <span className="grow" />
        <Segmented
          aria-label={words.sort} value={sort}
          onChange={(value) => filters.set({ sort: value === 'due' ? undefined : value })}
          options={[{ value: 'due', label: words.sortDue }, { value: 'created', label: words.sortCreated }]}
        />
      </div>
      <div className="filters filters-status">
        <Segmented
          aria-label={words.filter} value={status ?? ANY}
          onChange={(value) => filters.set({ status: value === ANY ? undefined : value })}
          options={[{ value: ANY, label: common.all }, ...STATUSES.map((value) => ({ value, label: taskStatus[value] }))]}
        />
      </div>
      <LoadView loaded={loaded} rows={12}>
        {(page) => <TaskList rows={page.items} total={page.total} page={filters.page} onPage={filters.setPage} />}
      </LoadView>
      <DispatchDrawer open={dispatching} onClose={() => setDispatching(false)} />
    </>
  );
}
