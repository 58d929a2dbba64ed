import { useData, useInterval, useTick } from '@gridtally/shared/data';
import { ago, count, percent, time } from '@gridtally/shared/format';
import { Chip, Facts, MeterStateChip, PageHead, Panel, ProfileView, Show, Stat, toneOf } from '@gridtally/shared/ui';
import { api, type MeterDetail } from '../api';
import { concentratorHref } from '../places';
import { ConcentratorChip } from './ConcentratorState';
import { ReadRegister } from './ReadRegister';

const refreshMs = 5_000;

/** One meter: its curve as stored here, and its registers as they are now. */
export function MeterPage({ meterNo }: { meterNo: string }) {
  const meter = useData(() => api.meter(meterNo), [meterNo]);
  useInterval(meter.reload, refreshMs);
  return (
    <>
      <PageHead title={<>Meter <span class="mono">{meterNo}</span></>} back={{ href: '#/meters', label: '← Meters' }} beside={meter.data && <MeterStateChip state={meter.data.state} />} />
      <Show of={meter} what={`meter ${meterNo}`}>
        {(detail) => (
          <>
            <KeyFigures meter={detail} />
            {detail.state === 'unreachable' && detail.lastError !== null && <p class="form-error">{detail.lastError}</p>}
            <ProfileView profiles={detail.profiles}
              load={(profile, from, to, signal) => api.profileRows(meterNo, profile, from, to, signal)} />
            <div class="columns">
              <ReadRegister meter={detail} />
              <Panel title="Identity">
                <Facts items={[
                  ['Concentrator', <><a class="mono" href={concentratorHref(detail.concentrator)}>{detail.concentrator}</a> <ConcentratorChip state={detail.concentratorState} /></>],
                  ['Channel', detail.channel],
                  ['Task', detail.task],
                  ['Status', detail.enabled ? 'Enable' : 'Disable'],
                  ['Keys of the meter', detail.hasKeys ? <Chip tone="ok">held</Chip> : <Chip tone="warn">none</Chip>],
                ]} />
              </Panel>
            </div>
          </>
        )}
      </Show>
    </>
  );
}

function KeyFigures({ meter }: { meter: MeterDetail }) {
  useTick(1000);
  const rows = (value: MeterDetail['today']) => (value.expected === 0 ? 'no rows due' : `${count(value.got)} of ${count(value.expected)} rows`);
  return (
    <div class="stats">
      <Stat label="Complete today" value={percent(meter.today)} tone={toneOf(meter.today)} detail={rows(meter.today)} />
      <Stat label="Complete yesterday" value={percent(meter.yesterday)} tone={toneOf(meter.yesterday)} detail={rows(meter.yesterday)} />
      <Stat label="Newest row" value={meter.lastRow === null ? 'none' : ago(meter.lastRow)} tone={meter.lastRow === null ? 'idle' : 'ok'} detail={time(meter.lastRow)} />
      <Stat label="Last contact" value={ago(meter.lastContact)} tone={meter.state === 'reachable' ? 'ok' : meter.state === 'unreachable' ? 'bad' : 'idle'} detail={time(meter.lastContact)} />
    </div>
  );
}
