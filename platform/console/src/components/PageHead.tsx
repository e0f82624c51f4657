import { Button } from 'antd';
import { ReloadOutlined } from '@ant-design/icons';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { Loaded } from '../hooks/useLoad';
import { usePageTitle } from '../hooks/usePageTitle';
import { useText } from '../text/language';
import { clockOfMs } from '../time/time';

interface Props {
  title: string;
  lead?: string | undefined;
  /** Where this page hangs: the list it was opened from. */
  crumb?: { to: string; label: string };
  beside?: ReactNode;
  actions?: ReactNode;
}

export function PageHead({ title, lead, crumb, beside, actions }: Props) {
  usePageTitle(title);
  return (
    <div className="page-head">
      <div className="page-head-words">
        {crumb && <Link className="crumb" to={crumb.to}><span aria-hidden="true">‹ </span>{crumb.label}</Link>}
        <div className="page-title"><h1>{title}</h1>{beside}</div>
        {lead && <p className="page-lead">{lead}</p>}
      </div>
      <div className="page-actions">{actions}</div>
    </div>
  );
}

/** When the content was last fetched, and a button to fetch it again. */
export function Freshness({ loaded }: { loaded: Pick<Loaded<unknown>, 'loadedAtMs' | 'loading' | 'reload'> }) {
  const { common } = useText();
  return (
    <span className="freshness">
      {loaded.loadedAtMs !== undefined && <span className="quiet number">{common.updated(clockOfMs(loaded.loadedAtMs))}</span>}
      <Button icon={<ReloadOutlined spin={loaded.loading} aria-hidden="true" />} onClick={loaded.reload} aria-label={common.refresh} />
    </span>
  );
}
