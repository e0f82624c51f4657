import { Alert, Skeleton } from 'antd';
import type { ReactNode } from 'react';
import type { Loaded } from '../hooks/useLoad';
import { useText } from '../text/language';
import { clockOfMs } from '../time/time';
import { FailureNote } from './FailureNote';

interface Props<T> { loaded: Loaded<T>; rows?: number; children: (value: T) => ReactNode }

/** Waiting, failed, or there; when only a refresh failed, the old content stays and its age is said. */
export function LoadView<T>({ loaded, rows = 8, children }: Props<T>) {
  const { common } = useText();
  if (loaded.value === undefined) {
    if (loaded.error) return <FailureNote error={loaded.error} onRetry={loaded.reload} />;
    return <div role="status" aria-label={common.loading}><Skeleton active title={false} paragraph={{ rows }} /></div>;
  }
  return (
    <>
      {loaded.error && loaded.loadedAtMs !== undefined && (
        <Alert className="stale" type="warning" showIcon banner title={common.stale(clockOfMs(loaded.loadedAtMs))} />
      )}
      {children(loaded.value)}
    </>
  );
}
