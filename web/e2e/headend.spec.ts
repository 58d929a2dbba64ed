import { expect, firstMeter, open, test } from './fixtures';

test('the concentrator is online and its journal is fetched', async ({ page }) => {
  await open(page, 'headend', 'concentrators');
  await expect(page.getByRole('row').nth(1)).toContainText('online');
  await page.getByRole('rowheader').getByRole('link').first().click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/^Concentrator /);
  await expect(page.getByText(/[\d,]+ of [\d,]+ fetched/)).toBeVisible();
  await expect(page.getByRole('rowheader').first()).toBeVisible();
});

test('the heat map tells got and expected of each cell, by pointer and by arrow keys, and as a table', async ({ page }) => {
  await open(page, 'headend', 'completeness');
  const cell = page.getByRole('gridcell', { name: /[\d,]+ of [\d,]+ rows/ }).first();
  await expect(cell).toBeVisible();
  await cell.hover();
  const readout = page.locator('.readout');
  await expect(readout).toContainText(/[\d,]+ of [\d,]+ rows/);

  await cell.focus();
  const before = await readout.innerText();
  await page.keyboard.press('ArrowDown');
  await expect(readout).not.toHaveText(before);

  await page.getByRole('button', { name: 'Table' }).click();
  await expect(page.getByRole('cell', { name: /^\d+\/\d+$/ }).first()).toBeVisible();
});

test('the curve of a meter shows values', async ({ page }) => {
  await open(page, 'headend', `meters/${await firstMeter(page, 'headend')}`);
  await page.getByRole('application').focus();
  await page.keyboard.press('End');
  await expect(page.locator('.legend')).toContainText(/[\d,.]+ k?(W|var|VA)/);
});

test.describe('reading a register of the meter itself', () => {
  test('brings energy, voltage and clock with their units', async ({ page }) => {
    await open(page, 'headend', `meters/${await firstMeter(page, 'headend')}`);
    for (const [label, value] of [['Active energy import (+A)', /[\d,.]+ k?Wh/], ['Voltage L1', /2\d\d(\.\d+)? V/], ['Clock', /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/]] as const) {
      await page.getByLabel('Register', { exact: true }).selectOption({ label });
      await page.getByRole('button', { name: 'Read', exact: true }).click();
      await expect(page.getByRole('log').getByRole('listitem').first()).toContainText(value, { timeout: 45_000 });
    }
  });

  test('of an object that it has not says that the meter refused', async ({ page }) => {
    await open(page, 'headend', `meters/${await firstMeter(page, 'headend')}`);
    await page.getByLabel('OBIS code').fill('1-0:99.99.99');
    await page.getByRole('button', { name: 'Read', exact: true }).click();
    await expect(page.getByRole('log')).toContainText('failed at the meter', { timeout: 45_000 });
  });

  test('is not even asked for with an OBIS code that is none', async ({ page }) => {
    await open(page, 'headend', `meters/${await firstMeter(page, 'headend')}`);
    await page.getByLabel('OBIS code').fill('1.8.0');
    await page.getByRole('button', { name: 'Read', exact: true }).click();
    await expect(page.getByText('Give an OBIS code such as 1-0:1.8.0.255')).toBeVisible();
    await expect(page.getByRole('log').getByRole('listitem')).toHaveCount(0);
  });
});
