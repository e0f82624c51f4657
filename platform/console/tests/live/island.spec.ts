/** Walks the whole console on a platform with the island scenario, and takes part in its work. */
import { expect, test } from '@playwright/test';
import { zh } from '../../src/text/zh';
import { pick } from '../pick';
import { shoot } from '../shots';
import { duty, knock, leader, logIn, openFirstSubmitted, rowsOf, visit } from './desk';

test.describe.configure({ mode: 'serial' });

test('a wrong password is told plainly', async ({ page }) => {
  await knock(page);
  await expect(page.getByRole('heading', { name: '登录' })).toBeVisible();
  await shoot(page, 'live-01-login');
  await page.getByLabel('姓名或账号').fill(duty().name);
  await page.getByLabel('密码').fill(`${duty().password}-not`);
  await page.getByRole('button', { name: '登录' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await expect(page).toHaveURL(/\/login$/);
});

test('the duty officer sees real rows on every page', async ({ page }) => {
  await logIn(page, duty());
  const tasks = await rowsOf(page, '任务');
  await shoot(page, 'live-02-tasks');

  await tasks.first().getByRole('link').first().click();
  await expect(page.getByRole('list', { name: '流转日志' }).getByRole('listitem').first()).toBeVisible();
  await shoot(page, 'live-03-task');

  await visit(page, '事项');
  await rowsOf(page, '事项');
  await expect(page.getByRole('list', { name: '救援节点' }).first()).toBeVisible();
  await shoot(page, 'live-04-cases');

  await visit(page, '设备');
  await rowsOf(page, '设备');
  await shoot(page, 'live-05-devices');
});

test('patrols lead to a track with its gaps', async ({ page }) => {
  await logIn(page, duty());
  await visit(page, '巡逻');
  const patrols = await rowsOf(page, '巡逻');
  await shoot(page, 'live-06-patrols');
  const gapsColumn = await page.getByRole('columnheader').allTextContents().then((titles) => titles.indexOf('中断'));
  const gaps = await patrols.evaluateAll((rows, column) => rows.map((row) => Number(row.children[column]?.textContent)), gapsColumn);
  const withGap = gaps.findIndex((count) => count > 0);
  expect(withGap, 'a patrol with a gap among the newest').toBeGreaterThanOrEqual(0);
  await patrols.nth(withGap).getByRole('link').first().click();
  await expect(page.getByTestId('patrol-map').locator('canvas')).toBeVisible();
  await expect(page.getByTestId('patrol-map').getByText('起', { exact: true }).first()).toBeVisible();
  await expect(page.getByTestId('patrol-map').getByText(/^中断 \d+ (分钟|秒)$/)).toHaveCount(gaps[withGap] ?? 0);
  await page.waitForLoadState('networkidle');
  await shoot(page, 'live-08-patrol');
  await page.goBack();

  await page.getByRole('button', { name: /^只看/ }).first().click();
  await expect(page.getByRole('heading', { name: /各岗位巡逻时段/ })).toBeVisible();
  await shoot(page, 'live-07-patrols-day');
});

test('a total opens the entries it is made of', async ({ page }) => {
  await logIn(page, duty());
  await visit(page, '计数');
  const totals = page.getByRole('link', { name: /^查看.*明细$/ });
  await expect(totals.first()).toBeVisible();
  await shoot(page, 'live-09-counts');
  await totals.first().click();
  await expect(page.getByText(/^合计/)).toBeVisible();
  await expect(page.locator('tbody tr.ant-table-row').first()).toBeVisible();
  await shoot(page, 'live-10-count-entries');
});

test('the duty officer dispatches a task', async ({ page }) => {
  await logIn(page, duty());
  const title = `复航前检查候船区 ${Date.now().toString(36)}`;
  await page.getByRole('button', { name: '派发任务' }).click();
  const drawer = page.getByRole('dialog', { name: '派发任务' });
  await drawer.getByLabel('标题').fill(title);
  await drawer.getByLabel('内容').fill('看护栏、照明和救生圈是否齐全，缺的记下来。');
  await pick(drawer, '类别', zh.caseKind.inspection);
  // A holder's choice reads name · job number · role: any will do.
  await pick(drawer, '承办人', ' · ');
  await drawer.getByLabel('地点').fill('东口候船区');
  await shoot(page, 'live-11-dispatch');
  await drawer.getByRole('button', { name: '派发', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: title })).toBeVisible();
  await expect(page.getByRole('list', { name: '流转日志' }).getByText(zh.event.dispatch)).toBeVisible();
  await expect(page.getByText(zh.taskStatus.assigned).first()).toBeVisible();
});

test('the duty officer passes a report', async ({ page }) => {
  await logIn(page, duty());
  await openFirstSubmitted(page);
  await shoot(page, 'live-12-review');
  await page.getByRole('button', { name: '通过，办结' }).click();
  await expect(page.getByRole('list', { name: '流转日志' }).getByText(zh.event.review_pass)).toBeVisible();
  await expect(page.getByText(zh.taskStatus.closed).first()).toBeVisible();
});

test('the station leader sends another report back with a reason', async ({ page }) => {
  await logIn(page, leader());
  await openFirstSubmitted(page);
  await page.getByRole('button', { name: '退回重办' }).click();
  await page.getByRole('radio', { name: zh.reviewReason.missing_item }).check();
  await page.getByLabel('补充说明').fill('请补一张处置后的照片。');
  await page.getByRole('button', { name: '确认退回' }).click();
  const last = page.getByRole('list', { name: '流转日志' }).getByRole('listitem').last();
  await expect(last.locator('strong')).toHaveText(zh.event.review_fail);
  await expect(last).toContainText('请补一张处置后的照片。');
  await shoot(page, 'live-13-sent-back');
});

test('the console speaks English too', async ({ page }) => {
  await logIn(page, duty());
  await page.getByText('English').click();
  await expect(page.getByRole('heading', { level: 1, name: 'Tasks' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Tasks' }).locator('tbody tr.ant-table-row').first()).toBeVisible();
  await shoot(page, 'live-14-tasks-english');
});
