import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { deviceZone } from '../clock';
import { wallClock } from '../days';
import { decimal } from '../format';
import type { CurveData, Series } from '../series';
import { onThemeChange } from '../theme';
import { Icon } from './Icon';

/** Colours of the curves in order; defined in tokens.css for both themes. */
const palette = ['--series-1', '--series-2', '--series-3', '--series-4', '--series-5', '--series-6'];

export interface ChartProps {
  data: CurveData;
  /** Range shown before zooming, Unix seconds. */
  from: number;
  to: number;
  /** Says what the chart shows, for those who don't see it. */
  label: string;
}

/**
 * Line chart over time. The pointer shows the values under it, dragging zooms in, a double click zooms out;
 * with the keyboard the arrow keys move the cursor, Home and End go to the ends, + and − zoom.
 */
export function Chart({ data, from, to, label }: ChartProps) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const latest = useRef(data);
  latest.current = data;
  const [index, setIndex] = useState<number>();
  const [zoomed, setZoomed] = useState(false);
  const themeRound = useThemeRound();
  const shape = data.series.map((series) => `${series.label} ${series.unit} ${series.stepped}`).join('\n');

  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const chart = new uPlot(options(element, latest, from, to, setIndex, setZoomed), aligned(latest.current), element);
    plot.current = chart;
    setZoomed(false);
    setIndex(undefined);
    const resize = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height: heightFor(element.clientWidth) }));
    resize.observe(element);
    return () => {
      resize.disconnect();
      chart.destroy();
      plot.current = undefined;
    };
  }, [shape, from, to, themeRound]);

  useEffect(() => {
    // New rows: what is zoomed into stays in view.
    const chart = plot.current;
    if (!chart || chart.data[0] === data.times) return;
    const { min, max } = chart.scales.x ?? {};
    chart.setData(aligned(data), false);
    chart.setScale('x', { min: min ?? from, max: max ?? to });
  }, [data]);

  const zoomOut = () => plot.current?.setScale('x', { min: from, max: to });
  return (
    <figure class="chart">
      <Legend data={data} index={index} />
      <div class="chart-host" ref={host} tabIndex={0} role="application" aria-roledescription="chart"
        aria-label={`${label}. Arrow keys move along the curve, plus and minus zoom.`}
        onKeyDown={(event) => plot.current && onKey(event, plot.current, data, from, to)} />
      {zoomed && <button type="button" class="button small zoom-out" onClick={zoomOut}><Icon name="zoomOut" />Whole range</button>}
    </figure>
  );
}

/** Names the curves, and shows the values under the cursor. */
function Legend({ data, index }: { data: CurveData; index: number | undefined }) {
  const time = index === undefined ? undefined : data.times[index];
  return (
    <figcaption class="legend">
      <span class="legend-time numeric">{time === undefined ? <span class="quiet">Point at the curve for values</span> : wallClock(time * 1000, deviceZone()).slice(0, 16)}</span>
      {data.series.map((series, number) => (
        <span key={series.label} class="legend-item">
          <span class={`swatch series-${(number % palette.length) + 1}`} aria-hidden="true" />
          {series.label}
          <strong class="numeric">{index === undefined ? '' : ` ${decimal(series.values[index] ?? null, series.decimals)}`} {series.unit}</strong>
        </span>
      ))}
    </figcaption>
  );
}

function options(
  element: HTMLElement, latest: { current: CurveData }, from: number, to: number, onIndex: (index: number | undefined) => void, onZoom: (zoomed: boolean) => void,
): uPlot.Options {
  const data = latest.current;
  const css = getComputedStyle(element);
  const color = (name: string) => css.getPropertyValue(name).trim();
  const scales = [...new Set(data.series.map((series) => series.scale))];
  const unitsOf = (scale: string) => [...new Set(data.series.filter((series) => series.scale === scale).map((series) => series.unit))].join(', ');
  const zone = deviceZone();
  const axis = { stroke: color('--ink-2'), font: `12px ${css.fontFamily}`, ticks: { stroke: color('--line'), width: 1 } };
  return {
    width: element.clientWidth,
    height: heightFor(element.clientWidth),
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), zone),
    legend: { show: false },
    cursor: { drag: { x: true, y: false, uni: 10 }, points: { size: 7 }, focus: { prox: -1 } },
    scales: {
      x: { time: true, range: (_, min, max) => (min === null || isWhole(latest.current.times, min, max) ? [from, to] : [min, max]) },
      ...Object.fromEntries(scales.map((scale) => [scale, { range: (_: uPlot, min: number | null, max: number | null) => valueRange(min, max, isOfIntervals(data, scale)) }])),
    },
    axes: [
      { ...axis, size: 32, grid: { stroke: color('--line'), width: 1 }, values: timeLabels },
      ...scales.map((scale, number): uPlot.Axis => ({
        ...axis, scale, side: number === 0 ? 3 : 1, label: unitsOf(scale), labelSize: 18, labelFont: axis.font, labelGap: 2, size: 58,
        grid: { show: number === 0, stroke: color('--line'), width: 1 },
      })),
    ],
    series: [{}, ...data.series.map((series, number) => toSeries(series, color(palette[number % palette.length] ?? '')))],
    hooks: {
      setCursor: [(chart) => onIndex(typeof chart.cursor.idx === 'number' ? latest.current.spokenFor[chart.cursor.idx] : undefined)],
      setScale: [(chart, scale) => {
        if (scale === 'x') onZoom(chart.scales.x?.min !== from || chart.scales.x?.max !== to);
      }],
    },
  };
}

/** Whether a range is that of all points, which uPlot sets at first: then the whole range that was asked for is shown. */
function isWhole(times: number[], min: number, max: number): boolean {
  return min === times[0] && max === times.at(-1);
}

function toSeries(series: Series, stroke: string): uPlot.Series {
  return {
    label: series.label, scale: series.scale, stroke, width: 1.6, spanGaps: false,
    // The value belongs to the interval that ends at its time stamp, hence the step before the point.
    ...(series.stepped && uPlot.paths.stepped ? { paths: uPlot.paths.stepped({ align: -1 }) } : {}),
    points: { show: false },
  };
}

/** 24-hour labels; midnight carries the day. */
function timeLabels(chart: uPlot, splits: number[]): string[] {
  const span = (chart.scales.x?.max ?? 0) - (chart.scales.x?.min ?? 0);
  return splits.map((seconds, index) => {
    const text = wallClock(seconds * 1000, deviceZone());
    const clock = text.slice(11, 16);
    const day = `${text.slice(8, 10)}/${text.slice(5, 7)}`;
    if (clock === '00:00') return day;
    return index === 0 && span < 86_400 * 3 ? `${clock}\n${day}` : clock;
  });
}

/** Values of intervals (power, energy) are amounts: their axis begins at zero. */
function isOfIntervals(data: CurveData, scale: string): boolean {
  return data.series.some((series) => series.scale === scale && series.stepped);
}

/** Range of an axis: from zero for amounts and where zero is near, with a little room above. */
export function valueRange(min: number | null, max: number | null, fromZero: boolean): [number, number] {
  if (min === null || max === null) return [0, 1];
  const nearZero = min >= 0 && (fromZero || min < max * 0.7);
  const low = nearZero || (min === 0 && max === 0) ? 0 : min;
  const room = (max - low) * 0.06 || Math.abs(max) * 0.05 || 1;
  return [low === 0 ? 0 : low - room, max + room];
}

function aligned(data: CurveData): uPlot.AlignedData {
  return [data.times, ...data.series.map((series) => series.values)];
}

function heightFor(width: number): number {
  return width < 560 ? 240 : 320;
}

function onKey(event: KeyboardEvent, chart: uPlot, data: CurveData, from: number, to: number): void {
  const last = data.times.length - 1;
  const at = chart.cursor.idx;
  const moves: Record<string, number> = {
    ArrowRight: at === null || at === undefined ? 0 : Math.min(last, at + 1),
    ArrowLeft: at === null || at === undefined ? last : Math.max(0, at - 1),
    Home: 0,
    End: last,
  };
  const target = moves[event.key];
  if (target !== undefined) moveCursor(chart, data, target);
  else if (event.key === '+' || event.key === '-') zoom(chart, event.key === '+' ? 0.5 : 2, from, to);
  else return;
  event.preventDefault();
}

function moveCursor(chart: uPlot, data: CurveData, index: number): void {
  const time = data.times[index];
  if (time !== undefined) chart.setCursor({ left: chart.valToPos(time, 'x'), top: 10 });
}

function zoom(chart: uPlot, factor: number, from: number, to: number): void {
  const { min, max } = chart.scales.x ?? {};
  if (min === undefined || min === null || max === undefined || max === null) return;
  const idx = chart.cursor.idx;
  const center = (idx === null || idx === undefined ? undefined : chart.data[0][idx]) ?? (min + max) / 2;
  const half = ((max - min) * factor) / 2;
  chart.setScale('x', { min: Math.max(from, center - half), max: Math.min(to, center + half) });
}

/** Counts changes of the theme: a canvas keeps its colours until it is drawn again. */
function useThemeRound(): number {
  const [round, setRound] = useState(0);
  useEffect(() => onThemeChange(() => setRound((n) => n + 1)), []);
  return round;
}
