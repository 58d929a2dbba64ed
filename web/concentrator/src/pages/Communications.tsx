import type { Loaded } from '@gridtally/shared/data';
import { bytes, count, lineTime, plural } from '@gridtally/shared/format';
import { Chip, type Column, DataTable, DateTime, Empty, Panel, Show, type Tone } from '@gridtally/shared/ui';
import { useState } from 'preact/hooks';
import type { Communication } from '../api';

const tones: Record<Communication['outcome'], Tone> = { done: 'ok', partial: 'warn', failed: 'bad' };

const columns: Column<Communication>[] = [
  { key: 'time', label: 'Time', mono: true, sort: (entry) => entry.time, cell: (entry) => <DateTime value={entry.time} /> },
  { key: 'outcome', label: 'Result', sort: (entry) => entry.outcome, cell: (entry) => <Chip tone={tones[entry.outcome]}>{entry.reason ?? entry.outcome}</Chip> },
  { key: 'item', label: 'Task item', sort: (entry) => entry.item, cell: (entry) => <>{entry.item}<div class="narrow-only">{plural(entry.rows, 'new row')}. {entry.text}</div></> },
  { key: 'rows', label: 'New rows', align: 'right', wideOnly: true, sort: (entry) => entry.rows, cell: (entry) => count(entry.rows) },
  { key: 'duration', label: 'On the line', align: 'right', wideOnly: true, sort: (entry) => entry.durationMs, cell: (entry) => lineTime(entry.durationMs) },
  { key: 'bytes', label: 'Sent / received', align: 'right', wideOnly: true, sort: (entry) => entry.bytesSent + entry.bytesReceived, cell: (entry) => `${bytes(entry.bytesSent)} / ${bytes(entry.bytesReceived)}` },
  { key: 'retries', label: 'Retries', align: 'right', wideOnly: true, sort: (entry) => entry.retries, cell: (entry) => count(entry.retries) },
  { key: 'channel', label: 'Channel', wideOnly: true, sort: (entry) => entry.channel, cell: (entry) => entry.channel },
  { key: 'text', label: 'Description', wrap: true, wideOnly: true, cell: (entry) => entry.text },
];

/** The last exchanges with a meter, and why one failed. */
export function Communications({ history, limit, onMore }: { history: Loaded<{ items: Communication[] }>; limit: number; onMore: () => void }) {
  const [outcome, setOutcome] = useState('');
  return (
    <Panel title="Communication history">
      <Show of={history} what="the history">
        {({ items }) => (
          <>
          <DataTable caption="Exchanges with the meter, newest first" rows={items} columns={columns} rowKey={(entry) => entry.id}
            filters={[{
              label: 'Result', value: outcome, onChange: setOutcome, test: (entry, value) => entry.outcome === value,
              options: [{ value: 'done', label: 'done' }, { value: 'partial', label: 'partial' }, { value: 'failed', label: 'failed' }],
            }]}
            empty={<Empty title="No exchange yet">The first one appears when the meter's task runs, or with “Read gaps now”.</Empty>} />
          {items.length >= limit && limit < 500 && <div class="pager"><button type="button" class="button" onClick={onMore}>Show more</button></div>}
          </>
        )}
      </Show>
    </Panel>
  );
}
