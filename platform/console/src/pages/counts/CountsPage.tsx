import { Link, useLocation } from 'react-router';
import { api } from '../../api/api';
import type { CountTotal } from '../../api/types';
import { Blank } from '../../components/Blank';
import { numberText } from '../../components/CountValue';
import { LoadView } from '../../components/LoadView';
import { Freshness, PageHead } from '../../components/PageHead';
import { useFilters } from '../../hooks/useFilters';
import { useLoad } from '../../hooks/useLoad';
import { useText } from '../../text/language';
import { term } from '../../text/term';
import { RangeField, rangeOf } from './RangeField';
import './counts.css';

const REFRESH_EVERY_MS = 30_000;

export function CountsPage() {
  const words = useText().counts;
  const filters = useFilters();
  const range = rangeOf(filters);
  const loaded = useLoad(`counts ${JSON.stringify(range)}`, (signal) => api.counts(range, signal), REFRESH_EVERY_MS);
  return (
    <>
      <PageHead title={words.title} lead={words.lead} actions={<Freshness loaded={loaded} />} />
      <div className="filters"><RangeField filters={filters} /></div>
      <LoadView loaded={loaded}>
        {({ items }) => (items.length === 0
          ? <div className="card"><Blank text={words.empty} /></div>
          : <ul className="totals">{items.map((total) => <Total key={total.count_kind} total={total} />)}</ul>)}
      </LoadView>
    </>
  );
}

function Total({ total }: { total: CountTotal }) {
  const text = useText();
  const { search } = useLocation();
  const kind = term(text.countKind, total.count_kind);
  return (
    <li>
      <Link className="total" to={{ pathname: `/counts/${total.count_kind}`, search }} aria-label={text.counts.openKind(kind)}>
        <span className="total-kind">{kind}</span>
        <span className="total-number"><span className="number">{numberText(total.total)}</span> <span className="total-unit">{text.countUnit[total.count_kind as keyof typeof text.countUnit] ?? total.unit}</span></span>
        <span className="quiet small">{text.counts.entries(total.entries)}{total.count_kind === 'property_saved' && ` · ${text.counts.estimate}`}</span>
      </Link>
    </li>
  );
}
