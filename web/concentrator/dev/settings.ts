import type { SettingColumn, SettingTable, SettingValue } from '../src/api.ts';

const column = (name: string, label: string, type: SettingColumn['type'], editable = true, choices: string[] | null = null): SettingColumn => ({ name, label, type, editable, choices });

function table(name: string, title: string, columns: SettingColumn[], rows: SettingValue[][]): SettingTable {
  return { name, title, columns, rows: rows.map((values, index) => ({ id: index + 1, values: Object.fromEntries(columns.map((one, at) => [one.name, values[at] ?? null])) })) };
}

const keyed = [column('key', 'Key', 'text', false), column('value', 'Value', 'text'), column('description', 'Description', 'text', false)];
const tasks = ['empty_task', 'upload_task', 'three_phase', 'single_phase', 'sync_time'];

/** The tables of the SX5D1 manual, figures 10 to 20, with values like there. */
export const settingTables: SettingTable[] = [
  table('system', 'System', keyed, [
    ['up.device', 'ethernet', 'Way to the master station'], ['time.zone', 'UTC', 'Zone in which days begin'],
    ['ppp.apn', 'le2vsk', 'APN for SIM card'], ['ftp.ip', null, 'FTP address for upgrade'], ['store.months', '3', 'Months that profiles are kept'],
  ]),
  table('task', 'Task', [column('name', 'Name', 'text', false), column('status', 'Status', 'boolean')], [['empty_task', false], ['upload_task', true], ['three_phase', true], ['single_phase', true], ['sync_time', true]]),
  table('task-item', 'Task Item', [
    column('name', 'Name', 'text', false), column('task', 'Task', 'choice', true, tasks), column('status', 'Status', 'boolean'), column('type', 'Type', 'text', false), column('cron', 'Cron', 'cron'),
    column('maxRecall', 'MaxRecall [s]', 'integer'), column('priority', 'Priority', 'integer'),
  ], [
    ['energy profile', 'three_phase', true, 'Energy profile', '*/30 * * * *', 864000, 2], ['instantaneous profile', 'three_phase', true, 'Instantaneous profile', '*/30 * * * *', 864000, 3],
    ['standard event', 'three_phase', true, 'Standard Event', '0 10 * * *', 34819200, 3], ['daily billing', 'three_phase', true, 'Daily Billing', '0 0-8/2 * * *', 5356800, 1], ['meter clock', 'sync_time', false, 'Meter Clock', '0 10 */2 * *', 0, 4],
  ]),
  table('channel', 'Channel', [
    column('name', 'Name', 'text', false), column('protocol', 'Protocol', 'text', false), column('task', 'Task', 'choice', true, tasks), column('status', 'Status', 'boolean'), column('readTimeout', 'ReadTimeout [s]', 'integer'), column('writeTimeout', 'WriteTimeout [s]', 'integer'),
  ], [['485_1', 'dlms_down', 'empty_task', true, 3, 3], ['485_2', 'dlms_down', 'empty_task', true, 3, 3], ['tcp_meters', 'dlms_down_tcp', 'empty_task', true, 3, 5], ['tcp_client', 'dlms_up', 'upload_task', true, 3, 5]]),
  table('channel-attribute', 'Channel Attribution', [column('channel', 'Channel', 'text', false), ...keyed], [
    ['485_1', 'baud', '9600', 'Baud rate'], ['485_1', 'device', '/dev/ttyS1', 'Serial device'], ['tcp_client', 'ip.1', '10.1.0.5', 'Head end'], ['tcp_client', 'port.1', '4059', 'Port of the head end'], ['tcp_client', 'ip.size', '1', 'How many of the addresses are used'],
  ]),
  table('protocol', 'Protocol', [column('name', 'Name', 'text', false), column('type', 'Type', 'text', false), column('description', 'Description', 'text')], [['dlms_down', 'ToMeter', 'DLMS over HDLC'], ['dlms_up', 'ToHeadEnd', 'DLMS, the concentrator dials']]),
  table('protocol-attribute', 'Protocol Attribution', [column('protocol', 'Protocol', 'text', false), ...keyed], [['dlms_down', 'max.bytes', '1024', 'Max bytes per packet'], ['dlms_down', 'send.retry', '3', 'Max retry after fail reading'], ['dlms_down', 'send.timeout', '3', 'Reading timeout']]),
];
