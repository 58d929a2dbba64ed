import { ago, share, time } from '@gridtally/shared/format';
import { type Column, MeterStateChip, Ratio } from '@gridtally/shared/ui';
import type { MeterRow } from './api';
import { concentratorHref, meterHref } from './places';

/** Columns of a meter table; without the concentrator on the concentrator's own page. */
export function meterColumns(withConcentrator: boolean): Column<MeterRow>[] {
  return [
    { key: 'meterNo', label: 'Meter', mono: true, sort: (meter) => meter.meterNo, cell: (meter) => <a href={meterHref(meter.meterNo)}>{meter.meterNo}</a> },
    { key: 'state', label: 'State', sort: (meter) => meter.state, cell: (meter) => <MeterStateChip state={meter.state} /> },
    ...(withConcentrator ? [{
      key: 'concentrator', label: 'Concentrator', mono: true, wideOnly: true, sort: (meter: MeterRow) => meter.concentrator,
      cell: (meter: MeterRow) => <a href={concentratorHref(meter.concentrator)}>{meter.concentrator}</a>,
    }] : []),
    { key: 'today', label: 'Today', align: 'right', sort: (meter) => share(meter.today), cell: (meter) => <Ratio value={meter.today} /> },
    { key: 'yesterday', label: 'Yesterday', align: 'right', wideOnly: true, sort: (meter) => share(meter.yesterday), cell: (meter) => <Ratio value={meter.yesterday} /> },
    { key: 'row', label: 'Newest row', mono: true, wideOnly: true, sort: (meter) => meter.lastRow, cell: (meter) => (meter.lastRow === null ? <span class="quiet">none</span> : time(meter.lastRow).slice(0, 16)) },
    { key: 'contact', label: 'Last contact', wideOnly: true, sort: (meter) => meter.lastContact, cell: (meter) => <span title={time(meter.lastContact)}>{ago(meter.lastContact)}</span> },
    { key: 'channel', label: 'Channel', wideOnly: true, sort: (meter) => meter.channel, cell: (meter) => meter.channel },
    { key: 'error', label: 'Last error', wideOnly: true, wrap: true, cell: (meter) => meter.lastError },
  ];
}

export function searchMeter(meter: MeterRow): (string | null)[] {
  return [meter.meterNo, meter.concentrator, meter.channel, meter.task, meter.lastError];
}
