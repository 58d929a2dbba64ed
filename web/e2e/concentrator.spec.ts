import { readFileSync } from 'node:fs';
import { expect, firstMeter, open, test } from './fixtures';

test('home shows what was got beside what was expected', async ({ page }) => {
  await open(page, 'concentrator');
  const row = page.getByRole('row', { name: /^Energy profile/i });
  await expect(row).toBeVisible();
  const [got, expected] = (await row.getByRole('cell').allInnerTexts()).filter((text) => /^[\d,]+$/.test(text)).map((text) => Number(text.replaceAll(',', '')));
  expect(got).toBeGreaterThan(0);
  expect(expected).toBeGreaterThanOrEqual(got ?? 0);
});

test('the device time runs by itself', async ({ page }) => {
  await open(page, 'concentrator');
  const clock = page.locator('.strip time');
  const first = await clock.innerText();
  await expect(clock).not.toHaveText(first);
});

test('a meter that cannot be is refused field by field before it is sent', async ({ page }) => {
  await open(page, 'concentrator', 'archive');
  await page.getByRole('button', { name: 'Add meter' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add meter' });
  await dialog.getByRole('button', { name: 'Add meter' }).click();
  await expect(dialog.getByLabel('MeterNo')).toBeFocused();
  await expect(dialog.getByText('Give 1 to 16 letters or digits')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
});

test('a meter is added, found, changed and deleted', async ({ page }) => {
  const meterNo = 'BROWSER1';
  await open(page, 'concentrator', 'archive');
  await page.getByRole('button', { name: 'Add meter' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('MeterNo').fill(meterNo);
  await dialog.getByLabel('Enable: read this meter').uncheck();
  const onBus = (await dialog.getByText('HDLC physical address on the bus').count()) > 0;
  await dialog.getByLabel('Address').fill(onBus ? '16000' : '127.0.0.1:4059');
  await dialog.getByRole('button', { name: 'Add meter' }).click();
  await expect(page.getByText(`Meter ${meterNo} was added.`)).toBeVisible();

  await page.getByPlaceholder('Search meter').fill(meterNo);
  const row = page.getByRole('row').filter({ hasText: meterNo });
  await expect(row).toContainText('disabled');

  await row.getByRole('button', { name: `Edit meter ${meterNo}` }).click();
  await expect(dialog.getByLabel('MeterNo')).toBeDisabled();
  await dialog.getByLabel('Address').fill(onBus ? '16001' : '127.0.0.1:4060');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(row).toContainText(onBus ? '16001' : '127.0.0.1:4060');

  await row.getByRole('button', { name: `Delete meter ${meterNo}` }).click();
  await page.getByRole('dialog', { name: `Delete meter ${meterNo}?` }).getByRole('button', { name: 'Delete meter' }).click();
  await expect(page.getByText(`Meter ${meterNo} was deleted from the archive.`)).toBeVisible();
  await expect(page.getByText('Nothing matches')).toBeVisible();
});

test('the curve tells its values, and table and CSV have as many rows as it says', async ({ page }) => {
  await open(page, 'concentrator', `archive/${await firstMeter(page, 'concentrator')}`);
  const chart = page.getByRole('application');
  await chart.focus();
  await page.keyboard.press('End');
  await expect(page.locator('.legend')).toContainText(/[\d,.]+ k?(W|var|VA)/);

  await page.getByRole('button', { name: 'Week' }).click();
  await page.getByRole('button', { name: 'Table' }).click();
  await expect(page.getByRole('columnheader', { name: 'Time (UTC)' })).toBeVisible();
  // The demo goes on, so rows may be added in between; there are never fewer.
  const rowsShown = async () => Number(/^([\d,]+) rows shown/.exec(await page.getByText(/rows shown,/).innerText())?.[1]?.replaceAll(',', ''));
  const before = await rowsShown();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'CSV' }).click()]);
  const lines = readFileSync(await download.path(), 'utf8').trimEnd().split('\r\n');
  expect(lines.length - 1).toBeGreaterThanOrEqual(before);
  expect(lines.length - 1).toBeLessThanOrEqual(await rowsShown());
  expect(lines[0]).toMatch(/^time_utc,Active .*\[k?Wh?\].*,status$/);
  expect(lines.length).toBeGreaterThan(2);
  const times = lines.slice(1).map((line) => line.split(',')[0] ?? '');
  expect(times).toEqual([...new Set(times)].sort());
});

test('reading the gaps is accepted, and the exchange appears in the history', async ({ page }) => {
  await open(page, 'concentrator', `archive/${await firstMeter(page, 'concentrator')}`);
  await page.getByRole('button', { name: 'Read gaps now' }).click();
  await expect(page.getByText('Queued before all scheduled readings')).toBeVisible();
  const history = page.getByRole('region', { name: 'Exchanges with the meter, newest first' });
  await expect(history.getByRole('row').nth(1)).toBeVisible();
});

test('a setting that is not valid is refused at its field, and nothing is saved', async ({ page }) => {
  await open(page, 'concentrator', 'settings/task-item');
  const cron = page.getByLabel(/^Cron of row/).first();
  const stored = await cron.inputValue();
  await cron.fill('61 * * *');
  await page.getByRole('button', { name: 'Save changes' }).click();
  await expect(page.locator('td .message')).toBeVisible();
  await page.getByRole('button', { name: 'Discard' }).click();
  await expect(cron).toHaveValue(stored);
  await page.reload();
  await expect(page.getByLabel(/^Cron of row/).first()).toHaveValue(stored);
});

test('a setting that is valid is saved', async ({ page }) => {
  await open(page, 'concentrator', 'settings/task-item');
  const priority = page.getByLabel(/^Priority of row/).last();
  const stored = await priority.inputValue();
  const other = stored === '5' ? '4' : '5';
  for (const value of [other, stored]) {
    await priority.fill(value);
    await page.getByRole('button', { name: 'Save changes' }).click();
    await expect(page.getByRole('button', { name: 'Save changes' })).toHaveCount(0);
    await page.reload();
    await expect(priority).toHaveValue(value);
  }
});
