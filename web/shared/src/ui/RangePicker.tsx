import { deviceNow, deviceZone } from '../clock';
import type { Day } from '../contract';
import { addDays, dayOf, isDay, startOfDay } from '../days';
import { Segments } from './fields';
import { Icon } from './Icon';

/** Whole civil days of the device: `length` days, the last of them `last`. */
export interface DayRange {
  last: Day;
  length: number;
}

export function today(): Day {
  return dayOf(deviceNow(), deviceZone());
}

/** First moment of the range and first moment after it, Unix milliseconds. */
export function bounds({ last, length }: DayRange): { from: number; to: number } {
  const zone = deviceZone();
  return { from: startOfDay(addDays(last, 1 - length), zone), to: startOfDay(addDays(last, 1), zone) };
}

/** Chooses how many days and which. */
export function RangePicker({ value, lengths, onChange }: { value: DayRange; lengths: { days: number; label: string }[]; onChange: (range: DayRange) => void }) {
  const atEnd = value.last >= today();
  const shift = (days: number) => {
    const last = addDays(value.last, days);
    onChange({ ...value, last: last > today() ? today() : last });
  };
  return (
    <div class="range">
      <Segments label="Length of the range" value={String(value.length)} options={lengths.map(({ days, label }) => ({ value: String(days), label }))}
        onChange={(length) => onChange({ ...value, length: Number(length) })} />
      <div class="range-step">
        <button type="button" class="button icon-only" aria-label="Earlier" title="Earlier" onClick={() => shift(-value.length)}><Icon name="back" /></button>
        <input type="date" aria-label={value.length === 1 ? 'Day' : 'Last day'} value={value.last} max={today()}
          onChange={(event) => isDay(event.currentTarget.value) && onChange({ ...value, last: event.currentTarget.value })} />
        <button type="button" class="button icon-only" aria-label="Later" title="Later" disabled={atEnd} onClick={() => shift(value.length)}><Icon name="forward" /></button>
      </div>
    </div>
  );
}
