import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type BrowserContext, expect, type Page, test as base } from '@playwright/test';

export { expect };

export type ProductName = 'concentrator' | 'headend';

const addresses: Record<ProductName, string> = { concentrator: 'GRIDTALLY_CONCENTRATOR_URL', headend: 'GRIDTALLY_HEADEND_URL' };

/** A product as the tests reach it. */
export interface Product {
  /** With a trailing slash. */
  url: string;
  user: string;
  password: string;
}

export function product(name: ProductName): Product {
  const get = (variable: string) => {
    const value = process.env[variable];
    if (!value) throw new Error(`${variable} is not set. Set all four of GRIDTALLY_CONCENTRATOR_URL, GRIDTALLY_HEADEND_URL, GRIDTALLY_USER and GRIDTALLY_PASSWORD, or none.`);
    return value;
  };
  return { url: get(addresses[name]).replace(/\/*$/, '/'), user: get('GRIDTALLY_USER'), password: get('GRIDTALLY_PASSWORD') };
}

/** What a page did that it must not do. */
export interface Watch {
  consoleErrors: string[];
  foreignRequests: string[];
}

export function watch(page: Page, own: string): Watch {
  const seen: Watch = { consoleErrors: [], foreignRequests: [] };
  page.on('console', (message) => message.type() === 'error' && seen.consoleErrors.push(message.text()));
  page.on('pageerror', (error) => seen.consoleErrors.push(String(error)));
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol !== 'blob:' && origin !== new URL(own).origin) seen.foreignRequests.push(request.url());
  });
  return seen;
}

export async function login(page: Page, { url, user, password }: Product): Promise<void> {
  await page.goto(url);
  await page.getByLabel('User').fill(user);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await expect(page.getByRole('navigation', { name: 'Main' })).toBeVisible();
}

type State = Awaited<ReturnType<BrowserContext['storageState']>>;
const sessions = new Map<ProductName, State>();

/** The session of one login, taken again by every test of the worker. */
export async function session(page: Page, name: ProductName): Promise<State> {
  let state = sessions.get(name);
  if (!state) {
    await login(page, product(name));
    state = await page.context().storageState();
    sessions.set(name, state);
  }
  return state;
}

/** Opens a page of a product, logged in. */
export async function open(page: Page, name: ProductName, path = ''): Promise<Product> {
  const target = product(name);
  const state = await session(page, name);
  await page.context().addCookies(state.cookies);
  await page.addInitScript(() => localStorage.setItem('gridtally.session', 'open'));
  await page.goto(`${target.url}#/${path}`);
  await expect(page.getByRole('navigation', { name: 'Main' })).toBeVisible();
  return target;
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Serious and critical violations that axe finds, one line each. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  await page.evaluate(axeSource);
  return page.evaluate(async () => {
    interface Violation { id: string; impact: string; nodes: { target: string[]; failureSummary: string }[] }
    const { axe } = globalThis as unknown as { axe: { run(root: Document, options: object): Promise<{ violations: Violation[] }> } };
    const { violations } = await axe.run(document, { resultTypes: ['violations'] });
    return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes[0]?.target.join(' ')} (${nodes.length}): ${nodes[0]?.failureSummary}`);
  });
}

/** Number of the first meter that is reached, from the archive or the meter list. */
export async function firstMeter(page: Page, name: ProductName): Promise<string> {
  await open(page, name, name === 'concentrator' ? 'archive' : 'meters');
  const row = page.getByRole('row').filter({ has: page.getByText('reachable', { exact: true }) }).first();
  const link = row.getByRole('rowheader').getByRole('link');
  await expect(link).toBeVisible();
  return link.innerText();
}

export const test = base;
