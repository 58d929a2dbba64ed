import type { Concentrator, ConcentratorDetail, MeterDetail, MeterRow, Overview, RegisterReading, RegisterRequest } from '../src/api.ts';
import { addDays, daysBetween } from '../../shared/src/days.ts';
import { mockServer, Refusal, type Request, type Routes } from '../../shared/dev/server.ts';
import * as world from '../../shared/dev/world.ts';

/** Mock of the head end's API for `vite --mode mock`. */

const serials = ['5500000527', '5500000528', '5500000531'] as const;
/** Meters 0 to 11 behind the first, 12 to 17 behind the second, the others behind the third, which is offline. */
const serialOf = (index: number) => (index < 12 ? serials[0] : index < 18 ? serials[1] : serials[2]);
const behind = (serial: string) => world.meters.map((_, index) => index).filter((index) => serialOf(index) === serial);

function overview(): Overview {
  const rows = meters();
  return {
    system: { softwareVersion: '0.1.0', time: world.iso(world.deviceMs()), startedAt: '2026-11-05T06:00:58Z', timeZone: 'UTC', rate: world.rate, listening: ['0.0.0.0:4059'] },
    concentrators: { total: 3, online: 2 },
    meters: { total: rows.length, enabled: rows.filter((one) => one.enabled).length, reachable: rows.filter((one) => one.state === 'reachable').length },
    completeness: { today: world.total(world.today()), yesterday: world.total(world.yesterday()) },
    ingest: { rows: 31_284, lag: 412, lastStored: world.ago(41) },
    storage: { databaseBytes: 61_734_912, freeBytes: 21_474_836_480 },
    memory: { residentBytes: 92_274_688 },
    errors: [
      { time: world.ago(2100), reason: 'line-error', text: 'Concentrator 5500000531 closed the connection from 10.1.4.9:51844 (reset by peer) after record 8,412. It dials again by itself.', concentrator: serials[2], meterNo: null },
      ...world.meters.flatMap((meter, index) => (meter.lastError ? [{ ...meter.lastError, concentrator: serialOf(index), meterNo: meter.meterNo }] : [])),
    ],
  };
}

function concentrator(serial: string, at: number): Concentrator {
  const online = at < 2;
  const end = [18_204, 9_120, 8_412][at] ?? 0;
  const lag = [14, 398, 0][at] ?? 0;
  return {
    serial, name: ['Substation Nord 12', 'Substation Harbour 3', 'Substation Mill Lane'][at] ?? serial, state: online ? 'online' : 'offline', remote: `10.1.4.${7 + at}:518${40 + at}`,
    connectedSince: online ? world.ago(86_400 * (3 - at) + 4000) : null, lastContact: world.ago([12, 3, 2100][at] ?? 0), cursor: end - lag, journalEnd: end, lag,
    meters: behind(serial).length, software: '0.1.0', today: world.total(world.today(), behind(serial)),
    lastError: online ? null : { time: world.ago(2100), reason: 'line-error', text: 'The connection was reset by the concentrator after record 8,412. It dials again by itself; check its uplink if it does not.' },
  };
}

function concentratorDetail({ path: [serial = ''] }: Request): ConcentratorDetail {
  const at = (serials as readonly string[]).indexOf(serial);
  if (at < 0) throw new Refusal({ title: 'No such concentrator', status: 404, detail: `Concentrator ${serial} never dialled in. Check the serial number.` });
  return {
    ...concentrator(serial, at), yesterday: world.total(world.yesterday(), behind(serial)), logicalDeviceName: `GTL0030${serial.slice(-8)}`,
    meterList: behind(serial).map(meter),
  };
}

function meter(index: number): MeterRow {
  const one = world.meters[index];
  if (!one) throw new Refusal({ title: 'No such meter', status: 404, detail: 'No concentrator has this meter in its archive. Check the number.' });
  return {
    meterNo: one.meterNo, concentrator: serialOf(index), enabled: one.enabled, channel: one.channel, task: 'three_phase', state: one.state,
    lastContact: one.lastContactSeconds === null ? null : world.ago(one.lastContactSeconds), lastError: one.state === 'reachable' ? null : (one.lastError?.text ?? null),
    lastRow: world.profiles(index)[0]?.last ?? null, today: world.completeness(index, world.today()), yesterday: world.completeness(index, world.yesterday()),
  };
}

const meters = () => world.meters.map((_, index) => meter(index));

function meterDetail({ path: [meterNo = ''] }: Request): MeterDetail {
  const index = world.indexOf(meterNo);
  return { ...meter(index), concentratorState: serialOf(index) === serials[2] ? 'offline' : 'online', profiles: world.profiles(index), hasKeys: true };
}

async function readRegister({ path: [meterNo = ''], body }: Request): Promise<RegisterReading> {
  const { obis, classId } = body as RegisterRequest;
  const one = world.meters[world.indexOf(meterNo)];
  await new Promise((done) => setTimeout(done, 700));
  if (one?.state === 'unreachable') {
    throw new Refusal({ title: 'The meter did not answer', status: 504, blame: 'meter', detail: `Concentrator 5500000527 sent the request on ${one.channel} three times; the meter at ${one.address} did not answer within 3 s each. Check its supply and line.` });
  }
  const common = { time: world.iso(world.deviceMs()), durationMs: 640 + world.noise(1, Date.now()) * 300 };
  if (classId === 8) return { ...common, value: world.iso(world.deviceMs()), unit: '', text: `${world.iso(world.deviceMs()).replace('T', ' ').replace('Z', '')} UTC`, dataType: 'octet-string (date-time)' };
  if (/^1-0:[357]2\.7/.test(obis)) return { ...common, value: 231.4, unit: 'V', text: '231.4 V', dataType: 'long-unsigned' };
  if (obis === '1-0:1.8.0.255') return { ...common, value: 1_482_377, unit: 'Wh', text: '1,482,377 Wh', dataType: 'double-long-unsigned' };
  throw new Refusal({ title: 'The meter refused', status: 502, blame: 'meter', detail: `The meter answered object-undefined to class ${classId}, ${obis}. It does not have this object for the management client.` });
}

function completeness({ query }: Request) {
  const last = query.get('to') ?? world.today();
  const days = daysBetween(query.get('from') ?? addDays(last, -13), last);
  return { days, rows: world.meters.map((one, index) => ({ meterNo: one.meterNo, concentrator: serialOf(index), cells: days.map((day) => world.completeness(index, day)) })) };
}

const routes: Routes = [
  ['GET', /^\/api\/overview$/, overview],
  ['GET', /^\/api\/concentrators$/, () => ({ concentrators: serials.map(concentrator) })],
  ['GET', /^\/api\/concentrators\/([^/]+)$/, concentratorDetail],
  ['GET', /^\/api\/meters$/, () => ({ meters: meters() })],
  ['GET', /^\/api\/meters\/([^/]+)$/, meterDetail],
  ['GET', /^\/api\/meters\/([^/]+)\/profiles\/([^/]+)\/rows$/, ({ path: [meterNo = '', profile = ''], query }) =>
    world.profileRows(world.indexOf(meterNo), profile, Date.parse(query.get('from') ?? ''), Date.parse(query.get('to') ?? ''))],
  ['POST', /^\/api\/meters\/([^/]+)\/read-register$/, readRegister],
  ['GET', /^\/api\/completeness$/, completeness],
  ['GET', /^\/api\/events$/, ({ query }) => world.events(query, serials[0])],
];

export const handler = mockServer(routes, { event: 'overview', everyMs: 2000, data: overview });
