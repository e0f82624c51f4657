import { expect, type Locator } from '@playwright/test';

/** Chooses in a search field by keyboard, as a fast supervisor would: type, Enter. */
export async function pick(form: Locator, label: string, words: string): Promise<void> {
  const field = form.getByLabel(label);
  const option = form.page().locator('.ant-select-item-option', { hasText: words });
  await field.fill(words);
  await expect(option.first()).toBeVisible();
  await field.press('Enter');
  await expect(form.locator('.ant-select', { hasText: words })).toBeVisible();
  await expect(option.first()).toBeHidden();
}
