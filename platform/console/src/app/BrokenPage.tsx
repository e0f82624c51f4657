import { Button, Result } from 'antd';
import { Link } from 'react-router';
import { useText } from '../text/language';

/** Shown when a page's own code fails: the records are on the platform and safe. */
export function BrokenPage() {
  const { failure, common } = useText();
  return (
    <Result
      status="warning"
      title={failure.broken}
      extra={<Button type="primary" onClick={() => window.location.reload()}>{common.refresh}</Button>}
    />
  );
}

export function LostPage() {
  const { common, nav } = useText();
  return <Result title={common.pageLost} subTitle={common.pageLostHint} extra={<Link to="/tasks">{nav.tasks}</Link>} />;
}
