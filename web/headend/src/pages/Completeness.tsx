import { share } from '@gridtally/shared/format';
import { useData } from '@gridtally/shared/data';
import { addDays } from '@gridtally/shared/days';
import { heatSentence, sum } from '@gridtally/shared/heat';
import { type Column, DataTable, type DayRange, Empty, HeatMap, PageHead, Panel, Ratio, RangePicker, Segments, Show, today } from '@gridtally/shared/ui';
import { useMemo, useState } from 'preact/hooks';
import { api, type CompletenessMatrix, type CompletenessRow } from '../api';
import { meterHref } from '../places';

const lengths = [{ days: 7, label: '7 days' }, { days: 14, label: '14 days' }, { days: 31, label: '31 days' }];

type Order = 'meter' | 'worst';

/** Which rows of which meter and day are there: as a heat map, or the same numbers as a table. */
export function CompletenessPage() {
  const [range, setRange] = useState<DayRange>(() => ({ last: today(), length: 14 }));
  const [view, setView] = useState<'map' | 'table'>('map');
  const [order, setOrder] = useState<Order>('meter');
  const [concentrator, setConcentrator] = useState('');
  const first = addDays(range.last, 1 - range.length);
  const matrix = useData(() => api.completeness(first, range.last), [first, range.last]);
  const serials = useMemo(() => [...new Set(matrix.data?.rows.map((row) => row.concentrator) ?? [])], [matrix.data]);
  const rows = useMemo(() => arrange(matrix.data, concentrator, order), [matrix.data, concentrator, order]);
  const total = sum(rows.flatMap((row) => row.cells));

  return (
    <>
      <PageHead title="Completeness" />
      <Panel title="Load profile rows by meter and day" note={matrix.data && heatSentence(total)}
        actions={<Segments label="View" value={view} options={[{ value: 'map', label: 'Heat map' }, { value: 'table', label: 'Table' }]} onChange={setView} />}>
        <div class="profile-tools">
          <RangePicker value={range} lengths={lengths} onChange={setRange} />
          {serials.length > 1 && (
            <select aria-label="Concentrator" value={concentrator} onChange={(event) => setConcentrator(event.currentTarget.value)}>
              <option value="">Concentrator: all</option>
              {serials.map((serial) => <option key={serial} value={serial}>{serial}</option>)}
            </select>
          )}
          <select aria-label="Order" value={order} onChange={(event) => setOrder(event.currentTarget.value as Order)}>
            <option value="meter">Order: meter number</option>
            <option value="worst">Order: least complete first</option>
          </select>
        </div>
        <Show of={matrix} what="the completeness">
          {(data) => data.rows.length === 0
            ? <Empty title="No meters known">They appear once a concentrator has connected and its archive was read.</Empty>
            : view === 'map' ? <Map rows={rows} days={data.days} /> : <Table rows={rows} days={data.days} />}
        </Show>
      </Panel>
    </>
  );
}

function Map({ rows, days }: { rows: CompletenessRow[]; days: string[] }) {
  const heat = useMemo(() => rows.map((row) => ({ key: row.meterNo, label: row.meterNo, href: meterHref(row.meterNo), cells: row.cells })), [rows]);
  return <HeatMap rows={heat} days={days} caption="Completeness by meter and day" />;
}

function Table({ rows, days }: { rows: CompletenessRow[]; days: string[] }) {
  const columns: Column<CompletenessRow>[] = [
    { key: 'meter', label: 'Meter', mono: true, sort: (row) => row.meterNo, cell: (row) => <a href={meterHref(row.meterNo)}>{row.meterNo}</a> },
    { key: 'all', label: 'All days', align: 'right', sort: (row) => share(sum(row.cells)), cell: (row) => <Ratio value={sum(row.cells)} /> },
    ...days.map((day, index): Column<CompletenessRow> => ({
      key: day, label: day.slice(5), align: 'right', sort: (row) => share(row.cells[index] ?? { got: 0, expected: 0 }),
      cell: (row) => {
        const cell = row.cells[index];
        return cell && cell.expected > 0 ? `${cell.got}/${cell.expected}` : <span class="quiet">–</span>;
      },
    })),
  ];
  return <DataTable caption="Completeness by meter and day" rows={rows} columns={columns} rowKey={(row) => row.meterNo} empty={null} />;
}

function arrange(matrix: CompletenessMatrix | undefined, concentrator: string, order: Order): CompletenessRow[] {
  const rows = (matrix?.rows ?? []).filter((row) => concentrator === '' || row.concentrator === concentrator);
  return order === 'meter' ? rows : rows.toSorted((a, b) => (share(sum(a.cells)) ?? 2) - (share(sum(b.cells)) ?? 2));
}
