/** The real thing: a platform that holds the island scenario, named by the environment. */
import { expect, type Page } from '@playwright/test';
import { zh } from '../../src/text/zh';

export interface Account { name: string; password: string }

function needed(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`the live tests need ${name}; without a platform run \`npm run e2e:mock\``);
  return value;
}

function account(variable: string): Account {
  const [name = '', ...rest] = needed(variable).split(':');
  return { name, password: rest.join(':') };
}

export const duty = (): Account => account('GRID_CONSOLE_DUTY');
export const leader = (): Account => account('GRID_CONSOLE_LEADER');

/** Opens the platform's first page. */
export async function knock(page: Page): Promise<void> {
  needed('GRID_CONSOLE_URL');
  await page.goto('/');
}

export async function logIn(page: Page, who: Account): Promise<void> {
  await knock(page);
  await page.getByLabel('姓名或账号').fill(who.name);
  await page.getByLabel('密码').fill(who.password);
  await page.getByRole('button', { name: '登录' }).click();
  await expect(page.getByRole('heading', { level: 1, name: '任务' })).toBeVisible();
}

/** Goes to a page by the main menu, as a supervisor would. */
export async function visit(page: Page, entry: string): Promise<void> {
  await page.getByRole('navigation', { name: '主菜单' }).getByRole('link', { name: entry }).click();
  await expect(page.getByRole('heading', { level: 1, name: entry, exact: true })).toBeVisible();
}

/** The rows of the page's list that hold something, once there is at least one. */
export async function rowsOf(page: Page, list: string) {
  const rows = page.getByRole('region', { name: list, exact: true }).locator('tbody tr.ant-table-row');
  await expect(rows.first()).toBeVisible();
  return rows;
}

/** Narrows the tasks to those waiting for review and opens the first. */
export async function openFirstSubmitted(page: Page): Promise<void> {
  await visit(page, '任务');
  await page.getByRole('radiogroup', { name: '按状态筛选' }).getByText(zh.taskStatus.submitted).click();
  await expect(page).toHaveURL(/status=submitted/);
  const rows = await rowsOf(page, '任务');
  await expect(rows.first().getByText(zh.taskStatus.submitted)).toBeVisible();
  await rows.first().getByRole('link').first().click();
  await expect(page.getByRole('heading', { name: '复查', exact: true })).toBeVisible();
}
