import { expect, login, open, product, type ProductName, test, watch } from './fixtures';

const products: ProductName[] = ['concentrator', 'headend'];

for (const name of products) {
  test.describe(name, () => {
    test('a wrong password is refused with a message, and the page stays', async ({ page }) => {
      const { url, user } = product(name);
      await page.goto(url);
      await page.getByLabel('User').fill(user);
      await page.getByLabel('Password').fill('certainly not this one');
      await page.getByRole('button', { name: 'Log in' }).click();
      await expect(page.getByRole('alert')).toContainText('User or password is wrong');
      await expect(page.getByLabel('Password')).toHaveValue('');
      await expect(page.getByLabel('Password')).toBeFocused();
    });

    test('the right one opens the start page without an error, and logging out closes it', async ({ page }) => {
      const target = product(name);
      const seen = watch(page, target.url);
      await login(page, target);
      await expect(page.getByRole('heading', { level: 1 })).toHaveText(name === 'concentrator' ? 'Home' : 'Overview');
      await expect(page.getByText(target.user, { exact: true })).toBeVisible();
      expect(seen).toEqual({ consoleErrors: [], foreignRequests: [] });

      await page.getByRole('button', { name: 'Log out' }).click();
      await expect(page.getByRole('heading', { name: 'Log in' })).toBeVisible();
      await page.goto(`${target.url}#/events`);
      await page.reload();
      await expect(page.getByRole('heading', { name: 'Log in' })).toBeVisible();
    });

    test('scripts cannot read the session, and other sites do not send it', async ({ page, context }) => {
      const target = await open(page, name);
      const cookies = (await context.cookies(target.url)).filter((cookie) => cookie.name.includes('gridtally'));
      expect(cookies).not.toHaveLength(0);
      for (const cookie of cookies) expect(cookie).toMatchObject({ httpOnly: true, secure: true, sameSite: 'Strict' });
      expect(await page.evaluate(() => document.cookie)).toBe('');
    });

    test('a new password has to be given twice alike, and the present one is asked for', async ({ page }) => {
      const target = await open(page, name);
      await page.getByRole('button', { name: target.user, exact: true }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Present password').fill('certainly not this one');
      await dialog.getByLabel('New password', { exact: false }).first().fill('a long new password');
      await dialog.getByLabel('New password again').fill('another one');
      await dialog.getByRole('button', { name: 'Change password' }).click();
      await expect(dialog.getByText('This is not the same as the new password.')).toBeVisible();
      await dialog.getByLabel('New password again').fill('a long new password');
      await dialog.getByRole('button', { name: 'Change password' }).click();
      await expect(dialog.getByLabel('Present password')).toHaveAttribute('aria-invalid', 'true');
    });

    test('when the session ends the login page says so, and leads back to the same page', async ({ page, context }) => {
      const target = await open(page, name, 'events');
      await expect(page.getByRole('heading', { level: 1 })).toHaveText('Events');
      await context.clearCookies();
      await page.getByRole('button', { name: 'Refresh' }).click();
      await expect(page.getByText('Your session has ended')).toBeVisible();
      await page.getByLabel('User').fill(target.user);
      await page.getByLabel('Password').fill(target.password);
      await page.getByRole('button', { name: 'Log in' }).click();
      await expect(page.getByRole('heading', { level: 1 })).toHaveText('Events');
    });
  });
}
