import { accessibilityFaults, expect, firstMeter, open, type ProductName, test, watch } from './fixtures';

/** Where screenshots go, when they are wanted. */
const screenshots = process.env.GRIDTALLY_SCREENSHOTS;

interface Place {
  name: string;
  heading: string | RegExp;
  /** Path in the application; `{meter}` and `{concentrator}` are filled in. */
  path: string;
  /** Something that is there only once the page's data has come. */
  ready: string;
}

const places: Record<ProductName, Place[]> = {
  concentrator: [
    { name: 'home', heading: 'Home', path: '', ready: '.stat' },
    { name: 'archive', heading: 'Archive', path: 'archive', ready: 'tbody tr' },
    { name: 'meter', heading: /^Meter /, path: 'archive/{meter}', ready: '.chart-host canvas' },
    { name: 'events', heading: 'Events', path: 'events', ready: 'tbody tr' },
    { name: 'settings', heading: 'Settings', path: 'settings', ready: 'tbody tr' },
  ],
  headend: [
    { name: 'overview', heading: 'Overview', path: '', ready: '.day-bars' },
    { name: 'concentrators', heading: 'Concentrators', path: 'concentrators', ready: 'tbody tr' },
    { name: 'meters', heading: 'Meters', path: 'meters', ready: 'tbody tr' },
    { name: 'meter', heading: /^Meter /, path: 'meters/{meter}', ready: '.chart-host canvas' },
    { name: 'completeness', heading: 'Completeness', path: 'completeness', ready: '.heat td' },
    { name: 'events', heading: 'Events', path: 'events', ready: '.panel' },
  ],
};

for (const product of Object.keys(places) as ProductName[]) {
  for (const width of [390, 1440]) {
    for (const colorScheme of ['light', 'dark'] as const) {
      test.describe(`${product}, ${width} px, ${colorScheme}`, () => {
        test.use({ viewport: { width, height: width === 390 ? 844 : 900 }, colorScheme });

        for (const place of places[product]) {
          test(`the page ${place.name} shows its data, keeps to itself, fits and is accessible`, async ({ page }) => {
            const path = place.path.includes('{meter}') ? place.path.replace('{meter}', await firstMeter(page, product)) : place.path;
            const { url } = await open(page, product);
            const seen = watch(page, url);
            await page.goto(`${url}#/${path}`);

            await expect(page.getByRole('heading', { level: 1 })).toHaveText(place.heading);
            await expect(page.locator(place.ready).first()).toBeVisible();
            await expect(page.getByText(/^Loading /)).toHaveCount(0);
            expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe(colorScheme);
            expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 'pixels wider than the screen').toBeLessThanOrEqual(0);
            expect(await accessibilityFaults(page)).toEqual([]);
            expect(seen).toEqual({ consoleErrors: [], foreignRequests: [] });
            if (screenshots) await page.screenshot({ path: `${screenshots}/${product}-${place.name}-${width}-${colorScheme}.png` });
          });
        }
      });
    }
  }
}

test('an address that leads nowhere says so and leads back', async ({ page }) => {
  await open(page, 'concentrator', 'nowhere');
  await expect(page.getByText('There is no page “nowhere”')).toBeVisible();
  await page.getByRole('link', { name: 'home page' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Home');
});

test('the chosen colours stay after a reload', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'light' });
  await open(page, 'headend');
  await page.getByRole('button', { name: 'Switch to dark colours' }).click();
  await page.reload();
  await expect(page.getByRole('button', { name: 'Switch to light colours' })).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark');
});

test('a page is reached with the keyboard alone, and its heading has the focus', async ({ page }) => {
  await open(page, 'concentrator');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused();
  await page.getByRole('link', { name: 'Archive', exact: true }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'Archive' })).toBeFocused();
  expect(await page.title()).toBe('Archive · Concentrator · Gridtally');
});
