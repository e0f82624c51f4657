import { useEffect } from 'react';
import { useText } from '../text/language';

/** Names the browser tab after the page. */
export function usePageTitle(title: string): void {
  const { app } = useText();
  useEffect(() => {
    document.title = `${title} · ${app.name}`;
  }, [title, app.name]);
}
