import { useEffect, useRef, useState } from 'preact/hooks';
import type { Completeness, Day } from '../contract';
import { heatLevel, heatSentence, heatText } from '../heat';

export interface HeatRow {
  key: string;
  label: string;
  href: string;
  cells: Completeness[];
}

interface Place {
  row: number;
  day: number;
}

/** Rows drawn at once; a heat map of more cannot be read on one screen. */
const pageSize = 50;

/** Completeness of each row and day. Arrow keys move through the cells; the line above tells the one in hand. */
export function HeatMap({ rows, days, caption }: { rows: HeatRow[]; days: Day[]; caption: string }) {
  const [page, setPage] = useState(0);
  const [at, setAt] = useState<Place>();
  const grid = useRef<HTMLTableElement>(null);
  const pages = Math.max(1, Math.ceil(rows.length / pageSize));
  const shownPage = Math.min(page, pages - 1);
  const shown = rows.slice(shownPage * pageSize, (shownPage + 1) * pageSize);
  useEffect(() => setAt(undefined), [rows, days, shownPage]);
  // Where not all days fit, the newest are seen first.
  useEffect(() => {
    const scroller = grid.current?.parentElement;
    if (scroller) scroller.scrollLeft = scroller.scrollWidth;
  }, [days]);

  const move = (event: KeyboardEvent) => {
    const to = target(event.key, at ?? { row: 0, day: 0 }, shown.length, days.length);
    if (!to) return;
    event.preventDefault();
    grid.current?.querySelector<HTMLElement>(`[data-cell="${to.row}-${to.day}"]`)?.focus();
  };
  const entry = at ?? { row: 0, day: days.length - 1 };

  return (
    <>
      <Readout row={at && shown[at.row]} day={at && days[at.day]} cell={at && shown[at.row]?.cells[at.day]} />
      <div class="table-scroll heat-scroll">
        <table class="heat" role="grid" aria-label={caption} ref={grid} onKeyDown={move} onMouseLeave={() => setAt(undefined)}>
          <thead>
            <tr>
              <th scope="col" class="heat-corner">Meter</th>
              {days.map((day, index) => <th key={day} scope="col"><DayLabel day={day} first={index === 0} /></th>)}
            </tr>
          </thead>
          <tbody>
            {shown.map((row, rowIndex) => (
              <tr key={row.key}>
                <th scope="row"><a href={row.href} class="mono">{row.label}</a></th>
                {days.map((day, dayIndex) => {
                  const cell = row.cells[dayIndex] ?? { got: 0, expected: 0 };
                  const place = { row: rowIndex, day: dayIndex };
                  return (
                    <td key={day} class="heat-cell" data-level={heatLevel(cell) ?? 'none'} data-cell={`${rowIndex}-${dayIndex}`}
                      tabIndex={entry.row === rowIndex && entry.day === dayIndex ? 0 : -1}
                      aria-label={`${row.label}, ${day}: ${heatSentence(cell)}`}
                      onFocus={() => setAt(place)} onMouseEnter={() => setAt(place)}>
                      <span aria-hidden="true">{heatText(cell)}</span>
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <HeatLegend />
      {pages > 1 && (
        <nav class="pager" aria-label="Pages of the heat map">
          <button type="button" class="button small" disabled={shownPage === 0} onClick={() => setPage(shownPage - 1)}>Previous</button>
          <span role="status">Page {shownPage + 1} of {pages}</span>
          <button type="button" class="button small" disabled={shownPage >= pages - 1} onClick={() => setPage(shownPage + 1)}>Next</button>
        </nav>
      )}
    </>
  );
}

function Readout({ row, day, cell }: { row: HeatRow | undefined; day: Day | undefined; cell: Completeness | undefined }) {
  return (
    <p class="readout">
      {row && day && cell
        ? <><strong class="mono">{row.label}</strong> <span class="numeric">{day}</span> <span>{heatSentence(cell)}</span></>
        : <span class="quiet">Point at a cell, or move with the arrow keys, to see its rows.</span>}
    </p>
  );
}

function DayLabel({ day, first }: { day: Day; first: boolean }) {
  const date = new Date(`${day}T00:00:00Z`);
  const month = date.toLocaleDateString('en-GB', { month: 'short', timeZone: 'UTC' });
  const weekday = date.toLocaleDateString('en-GB', { weekday: 'short', timeZone: 'UTC' });
  return (
    <span class="heat-day">
      <span>{first || date.getUTCDate() === 1 ? month : weekday}</span>
      <strong>{date.getUTCDate()}</strong>
    </span>
  );
}

const legend = [
  { level: '4', text: 'all rows' },
  { level: '3', text: '90 % and more' },
  { level: '2', text: '50 % and more' },
  { level: '1', text: 'below 50 %' },
  { level: '0', text: 'none' },
  { level: 'none', text: 'none due' },
];

function HeatLegend() {
  return (
    <ul class="heat-legend" aria-label="Colours">
      {legend.map(({ level, text }) => <li key={level}><span class="heat-cell" data-level={level} aria-hidden="true" />{text}</li>)}
    </ul>
  );
}

/** Where a key leads from a cell; undefined for keys that don't move. */
export function target(key: string, from: Place, rows: number, days: number): Place | undefined {
  const clamp = (value: number, size: number) => Math.max(0, Math.min(size - 1, value));
  switch (key) {
    case 'ArrowLeft': return { ...from, day: clamp(from.day - 1, days) };
    case 'ArrowRight': return { ...from, day: clamp(from.day + 1, days) };
    case 'ArrowUp': return { ...from, row: clamp(from.row - 1, rows) };
    case 'ArrowDown': return { ...from, row: clamp(from.row + 1, rows) };
    case 'Home': return { ...from, day: 0 };
    case 'End': return { ...from, day: days - 1 };
    default: return undefined;
  }
}
