import { Alert, Button } from 'antd';
import type { ApiError } from '../api/request';
import { failureText } from '../text/failure';
import { useLanguage } from '../text/language';

/** Says in one plain sentence what did not work, and offers the next step where there is one. */
export function FailureNote({ error, onRetry }: { error: ApiError; onRetry?: () => void }) {
  const { language, text } = useLanguage();
  return (
    <Alert
      type={error.kind === 'unreachable' ? 'warning' : 'error'}
      showIcon
      title={failureText(error, language, text)}
      action={onRetry && <Button size="small" onClick={onRetry}>{text.common.retry}</Button>}
    />
  );
}
