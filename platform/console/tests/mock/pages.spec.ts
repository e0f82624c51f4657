/** Every page: what it must show, that it is accessible, and its picture. */
import type { Page } from '@playwright/test';
import { zh } from '../../src/text/zh';
import { PATROLS } from '../fixtures/patrols';
import { TASKS } from '../fixtures/tasks';
import { at } from '../fixtures/times';
import { shoot } from '../shots';
import { expect, expectAccessible, sit, test } from './desk';

const taskPath = (n: number): string => `/tasks/${TASKS[n - 1]?.id}`;

test('log-in', async ({ page, platform }) => {
  expect(platform.me).toBeUndefined();
  await page.goto('/');
  await expect(page).toHaveURL('/login');
  await expect(page.getByRole('heading', { name: '登录' })).toBeVisible();
  await expectAccessible(page);
  await shoot(page, '01-login');
});

test('tasks', async ({ page, platform }) => {
  await sit(page, platform);
  const table = page.getByRole('region', { name: '任务' });
  await expect(table.getByRole('row')).toHaveCount(1 + TASKS.length);
  const { assigned, on_site, submitted, rework, recalled, closed } = zh.taskStatus;
  const { asked: _, ...lights } = zh.light;
  const shown = [...Object.values(lights), zh.tasks.asked, assigned, on_site, submitted, rework, recalled, closed, '已到场处置', '2/3 照片已到', '网格员 W02'];
  for (const words of shown) {
    await expect(table.getByText(words).first()).toBeVisible();
  }
  await expect(page.getByText('3 件待复查')).toBeVisible();
  const doubtful = table.getByRole('row', { name: /核对船舶停泊登记/ });
  await expect(doubtful.getByText('时间待确认')).toBeVisible();
  await expect(doubtful.getByText(/超期|已过/)).toHaveCount(0);
  await expectAccessible(page);
  await shoot(page, '02-tasks');
});

test('a task waiting for review', async ({ page, platform }) => {
  await sit(page, platform, taskPath(1));
  await expect(page.getByRole('heading', { level: 1, name: /楼道堆放杂物/ })).toBeVisible();
  const log = page.getByRole('list', { name: '流转日志' });
  await expect(log.getByRole('listitem')).toHaveCount(5);
  await expect(log.getByRole('listitem').last()).toContainText('回传时延7 天 15 小时');
  await expect(log.getByText('2026-01-15 16:20:31')).toBeVisible();
  await expect(log.getByText('2026-01-23 08:12:40').first()).toBeVisible();
  await expect(page.getByText('按期办好')).toBeVisible();
  await expect(page.getByText('照片未到，仍在手机「前滩 1 号机」上')).toBeVisible();
  await expect(page.getByRole('img', { name: zh.task.photoOf(zh.attachmentRole.before, 1) })).toBeVisible();
  await expectAccessible(page);
  await shoot(page, '03-task-review');
});

test('a task recalled while it was done offline', async ({ page, platform }) => {
  await sit(page, platform, taskPath(5));
  await expect(page.getByRole('heading', { name: /已到场处置/ })).toBeVisible();
  await expect(page.getByText('收回后传到')).toBeVisible();
  await expect(page.getByText('联系不上承办人，改派前滩')).toBeVisible();
  await expectAccessible(page);
  await shoot(page, '04-task-late-report');
});

test('a task whose phone clock is in doubt stays undecided', async ({ page, platform }) => {
  await sit(page, platform, taskPath(10));
  await expect(page.getByText('手机时钟可疑，是否按期要等人确认后再定。')).toBeVisible();
  await expect(page.getByText('按期办好')).toHaveCount(0);
  await expect(page.getByText('超过限期办好')).toHaveCount(0);
});

test('photos open large', async ({ page, platform }) => {
  await sit(page, platform, taskPath(1));
  await page.getByRole('button', { name: zh.task.photoOf(zh.attachmentRole.before, 1) }).click();
  await expect(page.locator('.ant-image-preview-img')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.locator('.ant-image-preview-img')).toBeHidden();
});

test('cases', async ({ page, platform }) => {
  await sit(page, platform, '/cases');
  await expect(page.getByText('渔船主机失灵漂向北崖')).toBeVisible();
  const steps = page.getByRole('list', { name: '救援节点' });
  await expect(steps.getByRole('listitem')).toHaveCount(7);
  await expect(steps.getByText('+9:20')).toBeVisible();
  await expectAccessible(page);
  await shoot(page, '06-cases');
  await page.getByRole('combobox', { name: '类别' }).click();
  await page.locator('.ant-select-item-option', { hasText: zh.caseKind.ecology }).click();
  await expect(page.getByText('制止挖取礁石贝类')).toBeVisible();
  await expect(page.getByText('渔船主机失灵漂向北崖')).toHaveCount(0);
});

test('patrols by post and day', async ({ page, platform }) => {
  await sit(page, platform, '/patrols');
  const list = page.getByRole('region', { name: '巡逻' });
  await expect(list.getByRole('row')).toHaveCount(1 + PATROLS.length);
  await expectAccessible(page);
  await shoot(page, '07-patrols');

  await page.getByRole('button', { name: '只看 2026-01-22' }).first().click();
  await expect(page.getByRole('heading', { name: '2026-01-22 各岗位巡逻时段' })).toBeVisible();
  await expect(list.getByRole('row')).toHaveCount(1 + 9);
  await expect(page.getByRole('link', { name: `${zh.patrolType.coastline} 13:30–15:17 民警 P03` })).toBeVisible();
  await expectAccessible(page);
  await shoot(page, '08-patrols-day');

  await page.getByRole('combobox', { name: '岗位' }).click();
  await page.locator('.ant-select-item').getByText('前滩景区').click();
  await expect(list.getByRole('row')).toHaveCount(1 + 2);
});

test('a patrol with gaps', async ({ page, platform }) => {
  const [patrol] = PATROLS;
  await sit(page, platform, `/patrols/${patrol?.id}`);
  const map = page.getByTestId('patrol-map');
  await expect(map.locator('canvas')).toBeVisible();
  await expect(map.getByText('中断 12 分钟')).toBeVisible();
  await expect(map.getByText('中断 36 分钟')).toBeVisible();
  await expect(map.getByText('东口码头')).toBeVisible();
  await expect(page.getByText('4.18 公里')).toBeVisible();
  await expect(page.getByText(`无定位 · ${zh.unlocatedReason.indoor}`)).toBeVisible();
  await expect(page.getByText('防波堤南端照明灯不亮，已记给村里。')).toBeVisible();
  await expect(page.getByText('同船旅客点了两遍')).toBeVisible();
  await expectNothingSolidInGaps(page);
  await expectAccessible(page);
  await shoot(page, '09-patrol');
  await page.getByRole('button', { name: '看全岛' }).click();
  await page.waitForTimeout(500);
  await shoot(page, '10-patrol-island');
});

/** Looks at the painted map itself: the track's colour is there, and nowhere near the middle of a gap. */
async function expectNothingSolidInGaps(page: Page): Promise<void> {
  const map = page.getByTestId('patrol-map');
  const gapLabels = await map.getByText(/^中断 \d+ 分钟$/).all();
  // A gap's label hangs just above the middle of its dashed line.
  const middles = await Promise.all(gapLabels.map(async (label) => {
    const box = await label.boundingBox();
    if (!box) throw new Error('a gap label has no place');
    return { x: box.x + box.width / 2, y: box.y + box.height + 4 };
  }));
  await page.addStyleTag({ content: '.map-label { visibility: hidden }' });
  await expect.poll(async () => trackPixels(page, await map.boundingBox()), { message: 'the track is painted' }).toBeGreaterThan(500);
  for (const { x, y } of middles) expect(await trackPixels(page, { x: x - 10, y: y - 10, width: 20, height: 20 })).toBe(0);
  await page.addStyleTag({ content: '.map-label { visibility: visible !important }' });
}

/** How many pixels of a part of the page have the solid track's colour (#0e6473). */
async function trackPixels(page: Page, clip: { x: number; y: number; width: number; height: number } | null): Promise<number> {
  if (!clip) return 0;
  const picture = (await page.screenshot({ clip })).toString('base64');
  return page.evaluate(async (png) => {
    const image = new Image();
    image.src = `data:image/png;base64,${png}`;
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height);
    const context = canvas.getContext('2d');
    if (!context) throw new Error('no canvas');
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, image.width, image.height);
    let found = 0;
    for (let i = 0; i < data.length; i += 4) {
      const [r = 0, g = 0, b = 0] = data.slice(i, i + 3);
      if (Math.abs(r - 0x0e) < 12 && Math.abs(g - 0x64) < 12 && Math.abs(b - 0x73) < 12) found += 1;
    }
    return found;
  }, picture);
}

test('a patrol without a track says so', async ({ page, platform }) => {
  await sit(page, platform, `/patrols/${PATROLS[1]?.id}`);
  await expect(page.getByText('这次巡逻没有轨迹')).toBeVisible();
  await expect(page.getByText('轨迹没有中断。')).toBeVisible();
});

test('a patrol whose track is still on its way says so', async ({ page, platform }) => {
  await sit(page, platform, `/patrols/${PATROLS[3]?.id}`);
  await expect(page.getByText('手机记录 460 个，其余还在路上')).toBeVisible();
});

test('counts and their entries', async ({ page, platform }) => {
  await sit(page, platform, '/counts');
  const tests = page.getByRole('link', { name: zh.counts.openKind(zh.countKind.test_organised) });
  await expect(tests).toContainText('8,000');
  await expect(tests).toContainText('人次');
  await expect(page.getByRole('link', { name: zh.counts.openKind(zh.countKind.vessel_moved) })).toContainText('艘次');
  await expectAccessible(page);
  await shoot(page, '11-counts');

  await tests.click();
  await expect(page.getByText('合计 8,000 人次')).toBeVisible();
  await expect(page.getByText('−37')).toBeVisible();
  await expect(page.getByText('一人多点了 37 次')).toBeVisible();
  await expectAccessible(page);
  await shoot(page, '12-count-entries');
});

test('counts of chosen days', async ({ page, platform }) => {
  await sit(page, platform, '/counts?from=2026-01-16&to=2026-01-17');
  await expect(page.getByRole('link', { name: zh.counts.openKind(zh.countKind.vessel_moved) })).toContainText('13');
  await expect(page.getByRole('link', { name: zh.counts.openKind(zh.countKind.household_visit) })).toHaveCount(0);
  await page.getByRole('link', { name: zh.counts.openKind(zh.countKind.vessel_moved) }).click();
  await expect(page).toHaveURL(/from=2026-01-16&to=2026-01-17/);
  await page.getByRole('link', { name: '计数', exact: true }).first().click();
});

test('devices', async ({ page, platform }) => {
  await sit(page, platform, '/devices');
  const row = page.getByRole('row', { name: /后口 1 号机/ });
  await expect(row.getByText('联系一下')).toBeVisible();
  await expect(row.getByText('31 条在手机上')).toBeVisible();
  await expect(row.getByText('12 张在手机上')).toBeVisible();
  await expect(row.getByText(zh.devices.oldest('2026-01-20 18:02'))).toBeVisible();
  await expect(row.getByText(zh.devices.spaceLow)).toBeVisible();
  await expect(row.getByText(zh.devices.clockWrong)).toBeVisible();
  await expect(page.getByText(zh.devices.spaceLow)).toHaveCount(1);
  await expect(page.getByRole('row', { name: /西口 1 号机/ }).getByText('联系一下')).toHaveCount(0);
  await expect(page.getByText(zh.devices.missing(1_188, 1_192))).toBeVisible();
  await expect(page.getByText(zh.devices.backedUp(1_150))).toBeVisible();
  await expect(page.getByText('2 条待处理')).toBeVisible();
  await expect(page.getByText(zh.devices.conflicts(1))).toBeVisible();
  await expect(page.getByText(zh.devices.forks(2))).toBeVisible();
  await expect(page.getByText('1 部手机超过一天没有联系')).toBeVisible();
  await expectAccessible(page);
  await shoot(page, '13-devices');
});

test('times are Shanghai times on a PC set to London', async ({ page, platform }) => {
  expect(at(22, '13:30')).toBe('2026-01-22T05:30:00.000Z');
  await sit(page, platform, `/patrols/${PATROLS[0]?.id}`);
  await expect(page.getByText('2026-01-22 13:30')).toBeVisible();
});

test('nothing is cut off at 1280 pixels', async ({ page, platform }) => {
  await page.setViewportSize({ width: 1280, height: 800 });
  for (const path of ['/tasks', taskPath(1), '/cases', '/patrols', `/patrols/${PATROLS[0]?.id}`, '/counts', '/counts/test_organised', '/devices']) {
    await sit(page, platform, path);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await page.waitForLoadState('networkidle');
    const overflows = await page.evaluate(() => [document.documentElement, ...document.querySelectorAll('.ant-table-content')]
      .filter((box) => box.scrollWidth > box.clientWidth).length);
    expect(overflows, path).toBe(0);
    if (path === '/tasks') await shoot(page, '16-tasks-1280');
    if (path === '/patrols') await shoot(page, '17-patrols-1280');
  }
});
