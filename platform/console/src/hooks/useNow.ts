/** The platform's time, refreshed often enough for "1 hour left" to stay true. */
import { useEffect, useState } from 'react';
import { platformNow } from '../api/request';

const REFRESH_MS = 20_000;

export function useNow(): number {
  const [now, setNow] = useState(platformNow);
  useEffect(() => {
    const timer = setInterval(() => setNow(platformNow()), REFRESH_MS);
    return () => clearInterval(timer);
  }, []);
  return now;
}
