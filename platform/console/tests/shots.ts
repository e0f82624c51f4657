/** One screenshot per page, into GRID_SHOTS (default test-results/shots). */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';

const FOLDER = process.env['GRID_SHOTS'] ?? join(import.meta.dirname, '../test-results/shots');

export async function shoot(page: Page, name: string): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  // Toasts come and go by themselves; a picture of the page must not depend on when it was taken.
  await page.screenshot({ path: join(FOLDER, `${name}.png`), fullPage: true, animations: 'disabled' });
}
