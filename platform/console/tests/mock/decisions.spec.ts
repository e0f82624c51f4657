/** What a supervisor decides: dispatch, review, recall, restore; and what happens when somebody else was faster. */
import { zh } from '../../src/text/zh';
import { LEADER, WORKERS } from '../fixtures/people';
import { TASKS } from '../fixtures/tasks';
import { pick } from '../pick';
import { shoot } from '../shots';
import { expect, expectAccessible, sit, test } from './desk';

const taskPath = (n: number): string => `/tasks/${TASKS[n - 1]?.id}`;

test('dispatches a simple task', async ({ page, platform }) => {
  await sit(page, platform);
  await page.getByRole('button', { name: '派发任务' }).click();
  const drawer = page.getByRole('dialog', { name: '派发任务' });
  await drawer.getByRole('button', { name: '派发', exact: true }).click();
  await expect(drawer.getByText('请填写标题')).toBeVisible();
  await expect(drawer.getByText('请选承办人')).toBeVisible();

  await drawer.getByLabel('标题').fill('西口护栏补漆');
  await drawer.getByLabel('内容').fill('护栏掉漆，节前补一遍，拍前后照片。');
  await pick(drawer, '类别', zh.caseKind.hazard);
  await pick(drawer, '承办人', `网格员 W01 · DL004 · ${zh.workerRole.grid_worker} · 前滩景区`);
  await drawer.getByLabel('地点').fill('西口码头');
  await drawer.getByLabel('网格编码').fill('123');
  await expect(drawer.getByText('网格编码是 15 位数字')).toBeVisible();
  await drawer.getByLabel('网格编码').fill('210681101210001');
  await expectAccessible(page);
  await shoot(page, '05-dispatch');
  await drawer.getByRole('button', { name: '派发', exact: true }).click();

  await expect(page.getByRole('heading', { level: 1, name: '西口护栏补漆' })).toBeVisible();
  await expect(page.getByText(zh.taskStatus.assigned).first()).toBeVisible();
  expect(platform.posts.at(-1)).toEqual({
    path: '/tasks',
    body: {
      title: '西口护栏补漆', description: '护栏掉漆，节前补一遍，拍前后照片。', case_kind: 'hazard', level: 'simple',
      holder_id: WORKERS[3]?.id, place_text: '西口码头', grid_code: '210681101210001',
    },
  });
});

test('a complex task needs a due time, in Shanghai time, and its reason', async ({ page, platform }) => {
  await sit(page, platform);
  await page.getByRole('button', { name: '派发任务' }).click();
  const drawer = page.getByRole('dialog', { name: '派发任务' });
  await expect(drawer.getByLabel('限期（北京时间）')).toHaveCount(0);
  await drawer.getByText(zh.level.complex, { exact: true }).click();
  await drawer.getByRole('button', { name: '派发', exact: true }).click();
  await expect(drawer.getByText('复杂任务要定限期')).toBeVisible();
  await expect(drawer.getByText('请写明限期理由')).toBeVisible();

  await drawer.getByLabel('标题').fill('滩涂界桩重测');
  await drawer.getByLabel('内容').fill('约双方到场。');
  await pick(drawer, '类别', zh.caseKind.dispute);
  await drawer.getByLabel('限期（北京时间）').fill('2026-02-07 17:30');
  await drawer.getByLabel('限期（北京时间）').press('Enter');
  await drawer.getByLabel('限期理由').fill('要等大潮');
  await pick(drawer, '承办人', '民警 P03');
  await drawer.getByLabel('地点').fill('养殖滩');
  await drawer.getByRole('button', { name: '派发', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: '滩涂界桩重测' })).toBeVisible();
  expect(platform.posts.at(-1)?.body).toMatchObject({ level: 'complex', due_at: '2026-02-07T09:30:00.000Z', reason: '要等大潮' });
});

test('passes a report', async ({ page, platform }) => {
  await sit(page, platform, taskPath(7));
  await page.getByRole('button', { name: '通过，办结' }).click();
  await expect(page.getByText('已通过，任务办结。')).toBeVisible();
  await expect(page.getByText(zh.taskStatus.closed).first()).toBeVisible();
  await expect(page.getByRole('heading', { name: '复查' })).toHaveCount(0);
  expect(platform.posts.at(-1)?.body).toEqual({ revision: TASKS[6]?.revision, result: 'pass' });
});

test('sends a report back with a reason', async ({ page, platform }) => {
  await sit(page, platform, taskPath(1));
  await page.getByRole('button', { name: '退回重办' }).click();
  await page.getByRole('button', { name: '确认退回' }).click();
  await expect(page.getByText('请选一个退回理由')).toBeVisible();
  await page.getByRole('radio', { name: zh.reviewReason.missing_item }).check();
  await page.getByLabel('补充说明').fill('补一张楼道净宽的照片。');
  await expectAccessible(page);
  await page.getByRole('button', { name: '确认退回' }).click();
  await expect(page.getByText('已退回重办，理由会传到承办人手机。')).toBeVisible();
  const last = page.getByRole('list', { name: '流转日志' }).getByRole('listitem').last();
  await expect(last).toContainText(`${zh.reviewReason.missing_item} · 补一张楼道净宽的照片。`);
  expect(platform.posts.at(-1)?.body).toEqual({
    revision: TASKS[0]?.revision, result: 'fail', reason_code: 'missing_item', reason_text: '补一张楼道净宽的照片。',
  });
});

test('recalls a task with a reason', async ({ page, platform }) => {
  await sit(page, platform, taskPath(4));
  await page.getByRole('button', { name: '收回任务' }).click();
  const dialog = page.getByRole('dialog', { name: '收回任务' });
  await dialog.getByRole('button', { name: '确认收回' }).click();
  await expect(dialog.getByText('请写明收回理由，承办人会看到')).toBeVisible();
  await dialog.getByLabel('收回理由').fill('改由后口办理');
  await expectAccessible(page);
  await dialog.getByRole('button', { name: '确认收回' }).click();
  await expect(page.getByText(zh.taskStatus.recalled).first()).toBeVisible();
  await expect(page.getByText('改由后口办理')).toBeVisible();
  await expect(page.getByRole('button', { name: '收回任务' })).toHaveCount(0);
});

test('gives more time that was asked for offline', async ({ page, platform }) => {
  await sit(page, platform);
  const asked = page.getByRole('alert').filter({ hasText: '1 件延期申请等答复' });
  await asked.getByRole('link', { name: TASKS[2]?.title ?? '' }).click();
  await expect(page.getByRole('heading', { name: zh.extension.title })).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('button', { name: '同意，延到 2026-01-26 23:59' }).click();
  await expect(page.getByText(zh.extension.granted)).toBeVisible();
  const last = page.getByRole('list', { name: '流转日志' }).getByRole('listitem').last();
  await expect(last).toContainText('限期 2026-01-23 17:00 → 2026-01-26 23:59');
  await expect(page.getByRole('button', { name: '不同意' })).toHaveCount(0);
  expect(platform.posts.at(-1)?.body).toEqual({ revision: TASKS[2]?.revision, result: 'grant' });
});

test('refuses more time with a reason the holder reads', async ({ page, platform }) => {
  await sit(page, platform, taskPath(3));
  await page.getByRole('button', { name: '不同意' }).click();
  await page.getByRole('button', { name: '确认不同意' }).click();
  await expect(page.getByText('请写明理由，承办人会看到')).toBeVisible();
  await page.getByLabel('不同意的理由').fill('甲户今天在家，先量一半。');
  await page.getByRole('button', { name: '确认不同意' }).click();
  await expect(page.getByText(zh.extensionState.refused)).toBeVisible();
  expect(platform.posts.at(-1)?.body).toEqual({ revision: TASKS[2]?.revision, result: 'refuse', reason_text: '甲户今天在家，先量一半。' });
});

test('restores a late report in one click', async ({ page, platform }) => {
  await sit(page, platform, taskPath(5));
  await page.getByRole('button', { name: '恢复为待复查' }).click();
  await expect(page.getByText('已恢复，任务回到待复查。')).toBeVisible();
  await expect(page.getByRole('heading', { name: '复查' })).toBeVisible();
});

test('a conflict reloads the task and says so', async ({ page, platform }) => {
  await sit(page, platform, taskPath(1));
  await expect(page.getByRole('button', { name: '通过，办结' })).toBeVisible();
  const task = platform.task(TASKS[0]?.id ?? '');
  platform.move(task, 'review_fail', 'rework', { reason_code: 'not_told' });
  await page.getByRole('button', { name: '通过，办结' }).click();
  await expect(page.getByRole('alert').filter({ hasText: '您的操作没有执行' })).toBeVisible();
  await expect(page.getByText(zh.reviewReason.not_told)).toBeVisible();
  await expect(page.getByRole('button', { name: '通过，办结' })).toHaveCount(0);
  await shoot(page, '14-task-conflict');
});

test('a refusal that names a field is shown at the field', async ({ page, platform }) => {
  await sit(page, platform);
  await page.getByRole('button', { name: '派发任务' }).click();
  const drawer = page.getByRole('dialog', { name: '派发任务' });
  await drawer.getByLabel('标题').fill('试一试');
  await drawer.getByLabel('内容').fill('内容');
  await pick(drawer, '类别', zh.caseKind.public_order);
  await pick(drawer, '承办人', '联络员 N01');
  await drawer.getByLabel('地点').fill('灯塔山');
  platform.workers.pop();
  await drawer.getByRole('button', { name: '派发', exact: true }).click();
  await expect(drawer.getByRole('alert').filter({ hasText: '找不到这位承办人' }).first()).toBeVisible();
  await expect(drawer.locator('.ant-form-item-explain-error', { hasText: '找不到这位承办人' })).toBeVisible();
});

test('filters and searches tasks, and keeps them in the address', async ({ page, platform }) => {
  await sit(page, platform);
  const table = page.getByRole('region', { name: '任务' });
  await page.getByRole('radiogroup', { name: '按状态筛选' }).getByText(zh.taskStatus.submitted).click();
  await expect(table.getByRole('row')).toHaveCount(1 + 3);
  await page.getByRole('searchbox', { name: '搜索任务' }).fill('老人');
  await page.keyboard.press('Enter');
  await expect(table.getByRole('row')).toHaveCount(1 + 1);
  await page.reload();
  await expect(table.getByRole('row')).toHaveCount(1 + 1);
  await table.getByText('渔村东头').click();
  await expect(page.getByRole('heading', { level: 1, name: '独居老人送菜送药' })).toBeVisible();
  await page.goBack();
  await expect(table.getByRole('row')).toHaveCount(1 + 1);
});

test('the list refreshes itself every 15 seconds', async ({ page, platform }) => {
  await page.clock.install({ time: new Date('2026-01-23T02:00:00Z') });
  await sit(page, platform);
  await expect(page.getByText('冬季船员证书复核')).toBeVisible();
  const task = platform.task(TASKS[3]?.id ?? '');
  task.title = '冬季船员证书复核（第二批）';
  await page.clock.runFor(15_500);
  await expect(page.getByText('冬季船员证书复核（第二批）')).toBeVisible();
});

test('the station leader reviews, and leaves dispatching to the duty officer', async ({ page, platform }) => {
  await sit(page, platform, '/tasks', LEADER);
  await expect(page.getByText('后口码头缆桩松动')).toBeVisible();
  await expect(page.getByRole('button', { name: '派发任务' })).toHaveCount(0);
  await page.goto(taskPath(5));
  await expect(page.getByText('由值班员决定是否恢复')).toBeVisible();
  await page.goto(taskPath(7));
  await expect(page.getByRole('button', { name: '收回任务' })).toHaveCount(0);
  await page.getByRole('button', { name: '通过，办结' }).click();
  await expect(page.getByText('已通过，任务办结。')).toBeVisible();
});
