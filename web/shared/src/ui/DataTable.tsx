import type { ComponentChildren } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { count, plural } from '../format';
import { type Sort, type SortValue, matches, sorted } from '../table';
import { Icon } from './Icon';

export interface Column<T> {
  key: string;
  label: string;
  cell: (row: T) => ComponentChildren;
  /** What it is sorted by; a column without it cannot be sorted. */
  sort?: (row: T) => SortValue;
  align?: 'right';
  /** Left out on narrow screens; the row's own page shows it. */
  wideOnly?: boolean;
  mono?: boolean;
  /** Takes the room that is left and may break lines. */
  wrap?: boolean;
}

export interface TableFilter<T> {
  label: string;
  value: string;
  options: { value: string; label: string }[];
  onChange: (value: string) => void;
  test: (row: T, value: string) => boolean;
}

export interface TableProps<T> {
  /** Names the table for screen readers. */
  caption: string;
  rows: readonly T[];
  columns: Column<T>[];
  rowKey: (row: T) => string | number;
  initialSort?: Sort;
  /** Texts of a row in which the search looks; without it there is no search. */
  searchIn?: (row: T) => (string | null | undefined)[];
  searchLabel?: string;
  filters?: TableFilter<T>[];
  actions?: ComponentChildren;
  /** Shown when there are no rows at all (not when the filter hides them). */
  empty: ComponentChildren;
}

/** Rows drawn at once. More would make typing in the search slow; a district of 1,000 meters is ten pages. */
const pageSize = 100;

/** A table that sorts, searches, filters and pages. The first column is each row's name. */
export function DataTable<T>(props: TableProps<T>) {
  const [sort, setSort] = useState<Sort | undefined>(props.initialSort);
  const [search, setSearch] = useState('');
  const [page, setPage] = useState(0);

  const filterKey = props.filters?.map((filter) => filter.value).join('\n') ?? '';
  const found = useMemo(() => select(props, search), [props.rows, search, filterKey]);
  const ordered = useMemo(() => {
    const by = props.columns.find((column) => column.key === sort?.key)?.sort;
    return sort && by ? sorted(found, by, sort.descending) : found;
  }, [found, sort]);
  useEffect(() => setPage(0), [search, filterKey]);

  if (props.rows.length === 0) {
    return <>{props.actions !== undefined && <div class="table-tools">{props.actions}</div>}{props.empty}</>;
  }
  const pages = Math.max(1, Math.ceil(ordered.length / pageSize));
  const shownPage = Math.min(page, pages - 1);
  const hasTools = props.searchIn !== undefined || props.filters !== undefined || props.actions !== undefined;
  return (
    <>
      {hasTools && <Tools {...props} search={search} onSearch={setSearch} found={found.length} />}
      {ordered.length === 0
        ? <div class="state"><strong>Nothing matches</strong><span>None of the {count(props.rows.length)} rows matches the search and filters. Clear them to see all.</span></div>
        : <Rows {...props} rows={ordered.slice(shownPage * pageSize, (shownPage + 1) * pageSize)} sort={sort} onSort={setSort} />}
      {pages > 1 && <Pager page={shownPage} pages={pages} onPage={setPage} />}
    </>
  );
}

function select<T>({ rows, filters, searchIn }: TableProps<T>, search: string): readonly T[] {
  return rows.filter((row) =>
    (filters ?? []).every((filter) => filter.value === '' || filter.test(row, filter.value))
    && (!searchIn || search.trim() === '' || matches(search.trim(), searchIn(row))));
}

function Tools<T>(props: TableProps<T> & { search: string; onSearch: (text: string) => void; found: number }) {
  return (
    <div class="table-tools">
      {props.searchIn && (
        <input type="search" class="search" aria-label={props.searchLabel ?? 'Search'} placeholder={props.searchLabel ?? 'Search'}
          value={props.search} onInput={(event) => props.onSearch(event.currentTarget.value)} />
      )}
      {props.filters?.map((filter) => (
        <select key={filter.label} aria-label={filter.label} value={filter.value} onChange={(event) => filter.onChange(event.currentTarget.value)}>
          <option value="">{filter.label}: all</option>
          {filter.options.map((option) => <option key={option.value} value={option.value}>{option.label}</option>)}
        </select>
      ))}
      <span class="found" role="status">{props.found !== props.rows.length && `${count(props.found)} of `}{plural(props.rows.length, 'row')}</span>
      {props.actions !== undefined && <div class="panel-actions">{props.actions}</div>}
    </div>
  );
}

function Rows<T>(props: TableProps<T> & { sort: Sort | undefined; onSort: (sort: Sort) => void }) {
  const { columns, sort } = props;
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label={props.caption}>
      <table>
        <caption class="hidden">{props.caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.key} scope="col" class={cellClass({ ...column, mono: false })} aria-sort={sort?.key === column.key ? (sort.descending ? 'descending' : 'ascending') : undefined}>
                {column.sort
                  ? (
                    <button type="button" class="sort" onClick={() => props.onSort({ key: column.key, descending: sort?.key === column.key && !sort.descending })}>
                      {column.label}<span class="arrow" aria-hidden="true">{sort?.key === column.key ? (sort.descending ? '▾' : '▴') : ''}</span>
                    </button>
                  )
                  : column.label || <span class="hidden">Actions</span>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {props.rows.map((row) => (
            <tr key={props.rowKey(row)}>
              {columns.map((column, index) => index === 0
                ? <th key={column.key} scope="row" class={cellClass(column)}>{column.cell(row)}</th>
                : <td key={column.key} class={cellClass(column)}>{column.cell(row)}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function cellClass<T>(column: Column<T>): string | undefined {
  const classes = [column.align === 'right' && 'right', column.wideOnly && 'wide-only', column.mono && 'mono', column.wrap && 'wrap'];
  return classes.filter(Boolean).join(' ') || undefined;
}

function Pager({ page, pages, onPage }: { page: number; pages: number; onPage: (page: number) => void }) {
  return (
    <nav class="pager" aria-label="Pages of the table">
      <button type="button" class="button small" disabled={page === 0} onClick={() => onPage(page - 1)}><Icon name="back" />Previous</button>
      <span role="status">Page {page + 1} of {pages}</span>
      <button type="button" class="button small" disabled={page >= pages - 1} onClick={() => onPage(page + 1)}>Next<Icon name="forward" /></button>
    </nav>
  );
}
