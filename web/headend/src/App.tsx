import { setDeviceClock } from '@gridtally/shared/clock';
import type { Session } from '@gridtally/shared/contract';
import { useRoute } from '@gridtally/shared/router';
import { useLive } from '@gridtally/shared/stream';
import { Chip, DeviceTime, Empty, EventsPage, type NavItem, PageHead, Root, Shell } from '@gridtally/shared/ui';
import { api, streamPath } from './api';
import { CompletenessPage } from './pages/Completeness';
import { ConcentratorPage } from './pages/Concentrator';
import { ConcentratorsPage } from './pages/Concentrators';
import { MeterPage } from './pages/Meter';
import { MetersPage } from './pages/Meters';
import { OverviewPage } from './pages/Overview';
import { meterHref } from './places';

const nav: NavItem[] = [
  { href: '#/', label: 'Overview', sections: [''] },
  { href: '#/concentrators', label: 'Concentrators', sections: ['concentrators'] },
  { href: '#/meters', label: 'Meters', sections: ['meters'] },
  { href: '#/completeness', label: 'Completeness', sections: ['completeness'] },
  { href: '#/events', label: 'Events', sections: ['events'] },
];

export function App() {
  return <Root product="Head end">{(session, logout) => <Pages session={session} onLogout={logout} />}</Root>;
}

function Pages({ session, onLogout }: { session: Session; onLogout: () => void }) {
  const route = useRoute();
  const live = useLive(streamPath, 'overview', api.overview, (overview) => setDeviceClock(overview.system));
  const overview = live.data;
  const offline = overview ? overview.concentrators.total - overview.concentrators.online : 0;
  const strip = [
    { label: 'Listening on', value: <span class="mono">{overview?.system.listening.join(', ') ?? '…'}</span> },
    { label: 'Time', value: overview ? <DeviceTime /> : '…' },
    { label: 'Concentrators', value: overview ? <Chip tone={offline > 0 || overview.concentrators.total === 0 ? 'warn' : 'ok'}>{overview.concentrators.online} of {overview.concentrators.total} online</Chip> : '…' },
    { label: 'Software', value: overview?.system.softwareVersion ?? '…' },
  ];
  const [section = '', name] = route.path;
  return (
    <Shell product="Head end" nav={nav} section={section} strip={strip} connected={live.connected || !overview} session={session}
      onLogout={onLogout} pageKey={route.path.join('/')}>
      {page()}
    </Shell>
  );

  function page() {
    switch (section) {
      case '': return <OverviewPage live={live} />;
      case 'concentrators': return name === undefined ? <ConcentratorsPage /> : <ConcentratorPage key={name} serial={name} />;
      case 'meters':
        return name === undefined ? <MetersPage state={route.query.get('state') ?? ''} /> : <MeterPage key={name} meterNo={name} />;
      case 'completeness': return <CompletenessPage />;
      case 'events': return <EventsPage load={api.events} meterHref={meterHref} withConcentrator severity={route.query.get('severity')} />;
      default: return (
        <>
          <PageHead title="Page not found" />
          <Empty title={`There is no page “${section}”`}>Use the menu above, or go to the <a href="#/">overview</a>.</Empty>
        </>
      );
    }
  }
}
