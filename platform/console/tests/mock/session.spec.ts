/** Coming, going, the other language, and plain sentences when something does not work. */
import { en } from '../../src/text/en';
import { DUTY, LEADER } from '../fixtures/people';
import { TASKS } from '../fixtures/tasks';
import { shoot } from '../shots';
import { expect, expectAccessible, sit, test } from './desk';
import { Refusal } from './platform';

test('logs in and comes back to the page asked for', async ({ page, platform }) => {
  await page.goto('/devices');
  await expect(page).toHaveURL('/login');
  await page.getByRole('button', { name: '登录' }).click();
  await expect(page.getByText('请填写姓名或账号')).toBeVisible();
  await page.getByLabel('姓名或账号').fill(LEADER.name);
  await page.getByLabel('密码').fill('wrong');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert').filter({ hasText: '姓名或密码不对，请再核对一下。' })).toBeVisible();
  await page.getByLabel('密码').fill(LEADER.password);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: '设备' })).toBeVisible();
  await expect(page.getByText('所长 L01')).toBeVisible();
  await page.getByRole('button', { name: '退出登录' }).click();
  await expect(page).toHaveURL('/login');
  expect(platform.me).toBeUndefined();
});

test('a log-out that the platform did not take is not shown as one', async ({ page, platform }) => {
  await sit(page, platform);
  platform.failures.set('/logout', 'no_answer');
  await page.getByRole('button', { name: '退出登录' }).click();
  await expect(page.getByText('连不上平台。请检查网络')).toBeVisible();
  await expect(page).toHaveURL('/tasks');
});

test('an ended session says so and returns to the same page', async ({ page, platform }) => {
  await sit(page, platform, '/counts');
  await expect(page.getByRole('heading', { level: 1, name: '计数' })).toBeVisible();
  platform.me = undefined;
  await page.getByRole('button', { name: '刷新' }).click();
  await expect(page.getByText('登录已过期，请重新登录。')).toBeVisible();
  await page.getByLabel('姓名或账号').fill(DUTY.name);
  await page.getByLabel('密码').fill(DUTY.password);
  await page.getByRole('button', { name: '登录' }).click();
  await expect(page.getByRole('heading', { level: 1, name: '计数' })).toBeVisible();
});

test('switches to English and stays there', async ({ page, platform }) => {
  await sit(page, platform);
  await page.getByText('English').click();
  await expect(page.getByRole('heading', { level: 1, name: 'Tasks' })).toBeVisible();
  for (const words of [en.light.red, en.light.yellow, en.light.green, en.taskStatus.submitted, 'Was on scene', '2/3 photos here']) {
    await expect(page.getByRole('region', { name: 'Tasks' }).getByText(words).first()).toBeVisible();
  }
  await expectAccessible(page);
  await shoot(page, '15-tasks-english');
  await page.reload();
  await expect(page.getByRole('heading', { level: 1, name: 'Tasks' })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  await page.getByText('中文').click();
  await expect(page.getByRole('heading', { level: 1, name: '任务' })).toBeVisible();
});

test('refusals are told in the chosen language', async ({ page, platform }) => {
  platform.failures.set('/cases', new Refusal(403, 'out_of_area', '这些事项不在您的辖区。', 'These cases are outside your area.'));
  await sit(page, platform, '/cases');
  await expect(page.getByRole('alert').filter({ hasText: '这些事项不在您的辖区。' })).toBeVisible();
  await page.getByText('English').click();
  await expect(page.getByRole('alert').filter({ hasText: 'These cases are outside your area.' })).toBeVisible();
});

test('a task that is not there says so and offers to try again', async ({ page, platform }) => {
  await sit(page, platform, '/tasks/none');
  await expect(page.getByText('没有这条记录，或不在您的辖区内。')).toBeVisible();
  await expect(page.getByRole('button', { name: '再试一次' })).toBeVisible();
});

test('what is on screen stays when a refresh fails', async ({ page, platform }) => {
  await sit(page, platform);
  await expect(page.getByText('后口码头缆桩松动')).toBeVisible();
  platform.failures.set('/tasks', 'no_answer');
  await page.getByRole('button', { name: '刷新' }).click();
  await expect(page.getByText('没能刷新，下面仍是 10:00:00 的内容。')).toBeVisible();
  await expect(page.getByText('后口码头缆桩松动')).toBeVisible();
  platform.failures.clear();
  await page.getByRole('button', { name: '刷新' }).click();
  await expect(page.getByText('没能刷新')).toHaveCount(0);
});

test('an unknown address is told plainly', async ({ page, platform }) => {
  await sit(page, platform, '/nowhere');
  await expect(page.getByText('没有这个页面')).toBeVisible();
});

test('the main menu and a task can be reached by keyboard alone', async ({ page, platform }) => {
  await sit(page, platform);
  await expect(page.getByText('后口码头缆桩松动')).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: '跳到正文' })).toBeFocused();
  await page.getByRole('link', { name: TASKS[1]?.title ?? '' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: '后口码头缆桩松动' })).toBeVisible();
  await expect(page.getByRole('main')).toBeFocused();
});
