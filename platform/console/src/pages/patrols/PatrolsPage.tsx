import { Button, DatePicker, Select } from 'antd';
import dayjs from 'dayjs';
import { api } from '../../api/api';
import type { Outline, PatrolSummary } from '../../api/types';
import { LoadView } from '../../components/LoadView';
import { Freshness, PageHead } from '../../components/PageHead';
import { sliceOf } from '../../hooks/pageSize';
import { type Filters, useFilters } from '../../hooks/useFilters';
import { useLoad } from '../../hooks/useLoad';
import { postNames } from '../../map/outline';
import { useText } from '../../text/language';
import { DayBoard } from './DayBoard';
import { PatrolList } from './PatrolList';
import './patrols.css';

const REFRESH_EVERY_MS = 60_000;

export function PatrolsPage() {
  const words = useText().patrols;
  const filters = useFilters();
  const post = filters.get('post');
  const day = filters.get('day');
  const query = { ...sliceOf(filters.page), ...(post ? { post } : {}), ...(day ? { day } : {}) };
  const loaded = useLoad(`patrols ${JSON.stringify(query)}`, (signal) => api.patrols(query, signal), REFRESH_EVERY_MS);
  const outline = useLoad('outline', (signal) => api.outline(signal));

  return (
    <>
      <PageHead title={words.title} lead={words.lead} actions={<Freshness loaded={loaded} />} />
      <PatrolFilters filters={filters} post={post} day={day} outline={outline.value} rows={loaded.value?.items ?? []} />
      <LoadView loaded={loaded}>
        {(page) => (
          <>
            {day && <DayBoard patrols={page.items} day={day} />}
            <PatrolList
              rows={page.items} total={page.total} page={filters.page} onPage={filters.setPage}
              onDay={day ? undefined : (value) => filters.set({ day: value })}
            />
          </>
        )}
      </LoadView>
    </>
  );
}

interface FilterProps { filters: Filters; post: string | undefined; day: string | undefined; outline: Outline | undefined; rows: PatrolSummary[] }

function PatrolFilters({ filters, post, day, outline, rows }: FilterProps) {
  const words = useText().patrols;
  return (
    <div className="filters">
      <Select
        className="post-filter" aria-label={words.post} value={post ?? ''}
        onChange={(value: string) => filters.set({ post: value || undefined })}
        options={[{ value: '', label: words.allPosts }, ...postsOf(outline, rows)]}
      />
      <DatePicker
        aria-label={words.day} placeholder={words.allDays} value={day ? dayjs(day) : null} showNow={false}
        onChange={(value) => filters.set({ day: value ? value.format('YYYY-MM-DD') : undefined })}
      />
      {(post ?? day) && <Button type="link" onClick={() => filters.set({ post: undefined, day: undefined })}>{words.clear}</Button>}
    </div>
  );
}

/** The posts of the plan, and any the outline does not draw but a patrol names. */
function postsOf(outline: Outline | undefined, rows: PatrolSummary[]): { value: string; label: string }[] {
  const posts = new Map(Object.entries(outline ? postNames(outline) : {}));
  for (const row of rows) if (!posts.has(row.post)) posts.set(row.post, row.post_name);
  return [...posts].map(([value, label]) => ({ value, label }));
}
