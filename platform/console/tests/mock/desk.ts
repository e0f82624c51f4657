/** A supervisor's desk in the mock world: a fixed clock, a platform in memory, and no tolerance for browser errors. */
import AxeBuilder from '@axe-core/playwright';
import { test as base, expect, type Page } from '@playwright/test';
import { DUTY } from '../fixtures/people';
import { NOW } from '../fixtures/times';
import { MockPlatform } from './platform';

export const test = base.extend<{ platform: MockPlatform; complaints: string[] }>({
  complaints: [async ({ page }, use) => {
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (line) => {
      // A refused call is part of some stories; the browser logs it by itself.
      if (line.type() === 'error' && !line.text().startsWith('Failed to load resource')) complaints.push(line.text());
      if (line.type() === 'warning' && /antd|Content Security Policy/.test(line.text())) complaints.push(line.text());
    });
    await use(complaints);
    expect(complaints, 'errors in the browser').toEqual([]);
  }, { auto: true }],
  platform: async ({ page }, use) => {
    const platform = new MockPlatform();
    await page.clock.setFixedTime(new Date(NOW));
    await platform.attach(page);
    await use(platform);
    expect(platform.outside, 'requests to other hosts').toEqual([]);
  },
});

export { expect };

/** Opens a page as somebody who has logged in before. */
export async function sit(page: Page, platform: MockPlatform, path = '/tasks', who = DUTY): Promise<void> {
  const { password: _, ...me } = who;
  platform.me = me;
  await page.goto(path);
}

/** No serious or critical accessibility fault on the page as it stands. */
export async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const grave = violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target.join(' ')} — ${node.failureSummary}`).join(' | ')}`);
  expect(grave).toEqual([]);
}
