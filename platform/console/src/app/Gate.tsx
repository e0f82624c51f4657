import { Spin } from 'antd';
import { Navigate, useLocation } from 'react-router';
import { FailureNote } from '../components/FailureNote';
import { useText } from '../text/language';
import { Shell } from './Shell';
import { useSession } from './session';

/** Lets in whoever has a session; everybody else goes to the log-in page and comes back to where they were. */
export function Gate() {
  const { standing, askAgain } = useSession();
  const location = useLocation();
  const { common } = useText();
  switch (standing.state) {
    case 'in':
      return <Shell me={standing.me} />;
    case 'out':
      return <Navigate to="/login" replace state={{ from: location.pathname + location.search, expired: standing.expired }} />;
    case 'unsure':
      return <main className="gate"><FailureNote error={standing.error} onRetry={askAgain} /></main>;
    case 'asking':
      return <main className="gate" aria-label={common.loading}><Spin size="large" /></main>;
  }
}
