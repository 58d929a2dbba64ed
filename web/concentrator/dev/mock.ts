import type { Communication, Home, Meter, MeterDetail, MeterInput, SettingChange, SettingTable } from '../src/api.ts';
import { mockServer, Refusal, type Request, type Routes } from '../../shared/dev/server.ts';
import * as world from '../../shared/dev/world.ts';
import { settingTables } from './settings.ts';

/** Mock of the concentrator's API for `vite --mode mock`. */

const added: MeterInput[] = [];
const removed = new Set<string>();

function home(): Home {
  const day = world.today();
  const today = world.total(day);
  const listed = meters();
  return {
    device: { serial: '5500000527', softwareVersion: '0.1.0', time: world.iso(world.deviceMs()), startedAt: '2026-11-05T06:01:12Z', timeZone: 'UTC', rate: world.rate },
    uplink: { state: 'connected', master: '10.1.0.5:4059', connectedSince: world.ago(3 * 86_400 + 4000), lastContact: world.ago(12), lastError: null, backlog: 14 },
    meters: { total: listed.length, enabled: listed.filter((one) => one.enabled).length, reachable: listed.filter((one) => one.state === 'reachable').length },
    counts: [
      { key: 'energyProfile', label: 'Energy profile', period: 'day', ...today },
      { key: 'instantaneousProfile', label: 'Instantaneous profile', period: 'day', got: today.got, expected: today.expected },
      { key: 'dailyBilling', label: 'Daily billing', period: 'day', got: 16, expected: 19 },
      { key: 'monthlyBilling', label: 'Monthly billing', period: 'month', got: 19, expected: 19 },
      { key: 'fraudEvent', label: 'Meter fraud events', period: 'day', got: 0, expected: 0 },
      { key: 'relayEvent', label: 'Meter relay events', period: 'day', got: 2, expected: 0 },
      { key: 'powerFailure', label: 'Meter power failures', period: 'day', got: 1, expected: 0 },
    ],
    completeness: { today, yesterday: world.total(world.yesterday()) },
    nextRuns: [
      { task: 'three_phase', item: 'energy profile', time: world.soon(1060), priority: 2 }, { task: 'three_phase', item: 'instantaneous profile', time: world.soon(1060), priority: 3 },
      { task: 'three_phase', item: 'standard event', time: world.soon(2860), priority: 3 }, { task: 'sync_time', item: 'meter clock', time: world.soon(10_060), priority: 4 },
      { task: 'three_phase', item: 'daily billing', time: world.soon(53_260), priority: 1 },
    ],
    storage: { databaseBytes: 38_420_480, freeBytes: 214_748_364_80 },
    memory: { residentBytes: 58_130_432 },
    errors: world.meters.flatMap((meter) => (meter.lastError ? [{ ...meter.lastError, meterNo: meter.meterNo, channel: meter.channel }] : [])),
  };
}

function meters(): Meter[] {
  const own = world.meters.map((meter, index): Meter => ({
    id: index + 1, meterNo: meter.meterNo, enabled: meter.enabled, mac: -1, channel: meter.channel, meterType: 1, phase: 3, credit: 1, task: 'three_phase', prepaid: 255, wiring: 0,
    address: meter.address, hasKeys: true, state: meter.state, lastContact: meter.lastContactSeconds === null ? null : world.ago(meter.lastContactSeconds),
    lastError: meter.lastError, today: world.completeness(index, world.today()),
  }));
  const extra = added.map(({ keys, ...settings }, index): Meter => ({ ...settings, id: 100 + index, hasKeys: keys !== null, state: settings.enabled ? 'unknown' : 'disabled', lastContact: null, lastError: null, today: { got: 0, expected: 0 } }));
  return [...own.map((meter) => extra.find((one) => one.meterNo === meter.meterNo) ?? meter), ...extra.filter((one) => world.indexOf(one.meterNo) < 0)].filter((meter) => !removed.has(meter.meterNo));
}

function find(meterNo: string | undefined): Meter {
  const meter = meters().find((one) => one.meterNo === meterNo);
  if (!meter) throw new Refusal({ title: 'No such meter', status: 404, detail: `Meter ${meterNo} is not in the archive. Check the number, or add the meter.` });
  return meter;
}

function detail({ path: [meterNo] }: Request): MeterDetail {
  const index = world.indexOf(meterNo ?? '');
  return { ...find(meterNo), yesterday: world.completeness(index, world.yesterday()), logicalDeviceName: index === 19 ? null : `GTL1030${meterNo?.slice(-8)}`, profiles: world.profiles(index), nextRuns: home().nextRuns.slice(0, 2) };
}

function communications({ path: [meterNo], query }: Request): { items: Communication[] } {
  const meter = find(meterNo);
  const index = world.indexOf(meter.meterNo);
  const items = Array.from({ length: Number(query.get('limit') ?? 50) }, (_, number): Communication => {
    const failed = meter.state === 'unreachable' ? number < 9 : world.noise(index, number) > 0.94;
    const partial = !failed && world.noise(index, number + 500) > 0.96;
    return {
      id: 5000 - number, time: world.ago((meter.state === 'unreachable' ? 190 : 40) + number * 1800), channel: meter.channel, item: number % 9 === 8 ? 'standard event' : 'energy profile',
      outcome: failed ? 'failed' : partial ? 'partial' : 'done', reason: failed ? (meter.lastError?.reason ?? 'no-answer') : partial ? 'line-error' : null,
      text: failed ? (meter.lastError?.text ?? 'No answer to AARQ within 3 s, 3 tries.') : partial ? 'The line failed after block 3 of 5; the rest is read next time.' : 'All missing rows read.',
      rows: failed ? 0 : partial ? 1 : 2, durationMs: failed ? 9012 : 380 + world.noise(index, number) * 900, bytesSent: 420, bytesReceived: failed ? 0 : 1380, retries: failed ? 3 : partial ? 1 : 0,
    };
  });
  return { items };
}

function save(input: MeterInput): Meter {
  if (input.address.endsWith(':1')) throw new Refusal({ title: 'The meter was not saved', status: 400, detail: 'Correct the marked fields.', errors: { address: [`Port 1 of ${input.address} is reserved; meters usually listen on 4059.`] } });
  const at = added.findIndex((one) => one.meterNo === input.meterNo);
  if (at >= 0) added.splice(at, 1);
  added.push(input);
  removed.delete(input.meterNo);
  return find(input.meterNo);
}

function changeSettings({ path: [name], body }: Request): SettingTable {
  const table = settingTables.find((one) => one.name === name);
  if (!table) throw new Refusal({ title: 'No such table', status: 404 });
  for (const { id, values } of (body as { changes: SettingChange[] }).changes) {
    if (typeof values.cron === 'string' && values.cron.trim().split(/\s+/).length !== 5) {
      throw new Refusal({ title: 'Nothing was saved', status: 400, detail: 'One value is not valid, see the marked field.', errors: { [`${id}.cron`]: [`Expected five fields (minute hour day month weekday), got “${values.cron}”.`] } });
    }
    Object.assign(table.rows.find((row) => row.id === id)?.values ?? {}, values);
  }
  return table;
}

const routes: Routes = [
  ['GET', /^\/api\/home$/, home],
  ['GET', /^\/api\/meters$/, () => ({
    meters: meters(),
    channels: [{ name: '485_1', enabled: true, addressing: 'hdlc' }, { name: '485_2', enabled: true, addressing: 'hdlc' }, { name: 'tcp_meters', enabled: true, addressing: 'host-port' }],
    tasks: [{ name: 'empty_task', enabled: false }, { name: 'three_phase', enabled: true }, { name: 'single_phase', enabled: true }],
  })],
  ['POST', /^\/api\/meters$/, ({ body }) => {
    const input = body as MeterInput;
    if (meters().some((meter) => meter.meterNo === input.meterNo)) throw new Refusal({ title: 'Meter exists', status: 409, detail: `Meter ${input.meterNo} is already in the archive.`, errors: { meterNo: ['This meter is already in the archive.'] } });
    return save(input);
  }],
  ['GET', /^\/api\/meters\/([^/]+)$/, detail],
  ['PUT', /^\/api\/meters\/([^/]+)$/, ({ body }) => save(body as MeterInput)],
  ['DELETE', /^\/api\/meters\/([^/]+)$/, ({ path: [meterNo = ''] }) => void removed.add(meterNo)],
  ['POST', /^\/api\/meters\/([^/]+)\/read$/, () => ({ items: ['energy profile', 'standard event'] })],
  ['GET', /^\/api\/meters\/([^/]+)\/profiles\/([^/]+)\/rows$/, ({ path: [meterNo = '', profile = ''], query }) =>
    world.profileRows(world.indexOf(meterNo), profile, Date.parse(query.get('from') ?? ''), Date.parse(query.get('to') ?? ''))],
  ['GET', /^\/api\/meters\/([^/]+)\/communications$/, communications],
  ['GET', /^\/api\/events$/, ({ query }) => world.events(query, null)],
  ['GET', /^\/api\/settings$/, () => ({ tables: settingTables.map(({ name, title, rows }) => ({ name, title, rows: rows.length })) })],
  ['GET', /^\/api\/settings\/([^/]+)$/, ({ path: [name] }) => settingTables.find((table) => table.name === name)],
  ['PUT', /^\/api\/settings\/([^/]+)$/, changeSettings],
];

export const handler = mockServer(routes, { event: 'home', everyMs: 2000, data: home });
