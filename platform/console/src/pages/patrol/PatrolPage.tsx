import { Skeleton } from 'antd';
import { lazy, Suspense } from 'react';
import { useParams } from 'react-router';
import { api } from '../../api/api';
import type { PatrolDetail } from '../../api/types';
import { LoadView } from '../../components/LoadView';
import { Freshness, PageHead } from '../../components/PageHead';
import { useLoad } from '../../hooks/useLoad';
import { useText } from '../../text/language';
import { term } from '../../text/term';
import { dayOf } from '../../time/time';
import { PatrolCounts } from './PatrolCounts';
import { PatrolFacts } from './PatrolFacts';
import { PatrolFindings } from './PatrolFindings';
import { PatrolGaps } from './PatrolGaps';
import { PatrolVisits } from './PatrolVisits';
import './patrol.css';

/** The map's library is large: it is fetched only when a patrol is opened. */
const PatrolMap = lazy(() => import('../../map/PatrolMap'));

export function PatrolPage() {
  const { id = '' } = useParams();
  const { patrol: words, patrolStatus } = useText();
  const loaded = useLoad(`patrol ${id}`, (signal) => api.patrol(id, signal));
  const patrol = loaded.value;
  return (
    <>
      <PageHead
        title={patrol ? words.title(patrol.post_name) : words.crumb}
        lead={patrol && `${dayOf(patrol.started_at)} · ${patrol.worker.name}`}
        crumb={{ to: '/patrols', label: words.crumb }}
        beside={patrol && <span className={`tag patrol-${patrol.status}`}>{term(patrolStatus, patrol.status)}</span>}
        actions={<Freshness loaded={loaded} />}
      />
      <LoadView loaded={loaded} rows={14}>{(value) => <PatrolBody patrol={value} />}</LoadView>
    </>
  );
}

function PatrolBody({ patrol }: { patrol: PatrolDetail }) {
  return (
    <div className="patrol-grid">
      <div className="patrol-main">
        <PatrolMapCard patrol={patrol} />
        <PatrolFindings patrol={patrol} />
        <PatrolCounts patrol={patrol} />
      </div>
      <div>
        <PatrolFacts patrol={patrol} />
        <PatrolGaps patrol={patrol} />
        <PatrolVisits patrol={patrol} />
      </div>
    </div>
  );
}

function PatrolMapCard({ patrol }: { patrol: PatrolDetail }) {
  const { patrol: words } = useText();
  const outline = useLoad('outline', (signal) => api.outline(signal));
  const waiting = <div className="map-wait" role="status" aria-label={words.mapLoading}><Skeleton.Node active /></div>;
  return (
    <section aria-label={words.map}>
      <LoadView loaded={outline}>
        {(value) => <Suspense fallback={waiting}><PatrolMap patrol={patrol} outline={value} /></Suspense>}
      </LoadView>
    </section>
  );
}
