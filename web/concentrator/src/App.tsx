import { setDeviceClock } from '@gridtally/shared/clock';
import type { Session } from '@gridtally/shared/contract';
import { useRoute } from '@gridtally/shared/router';
import { useLive } from '@gridtally/shared/stream';
import { DeviceTime, Empty, EventsPage, type NavItem, PageHead, Root, Shell } from '@gridtally/shared/ui';
import { api, streamPath } from './api';
import { ArchivePage } from './pages/Archive';
import { HomePage, UplinkChip } from './pages/Home';
import { MeterPage } from './pages/Meter';
import { SettingsPage } from './pages/Settings';
import { meterHref } from './places';

/** The menu of the SX5D1, as far as its pages exist. */
const nav: NavItem[] = [
  { href: '#/', label: 'Home', sections: [''] },
  { href: '#/events', label: 'Events', sections: ['events'] },
  { href: '#/archive', label: 'Archive', sections: ['archive'] },
  { href: '#/settings', label: 'Settings', sections: ['settings'] },
];

export function App() {
  return <Root product="Concentrator">{(session, logout) => <Pages session={session} onLogout={logout} />}</Root>;
}

function Pages({ session, onLogout }: { session: Session; onLogout: () => void }) {
  const route = useRoute();
  const live = useLive(streamPath, 'home', api.home, (home) => setDeviceClock(home.device));
  const device = live.data?.device;
  const strip = [
    { label: 'DC Serial No.', value: <span class="mono">{device?.serial ?? '…'}</span> },
    { label: 'DC Time', value: device ? <DeviceTime /> : '…' },
    { label: 'Uplink', value: live.data ? <UplinkChip uplink={live.data.uplink} /> : '…' },
    { label: 'Software', value: device?.softwareVersion ?? '…' },
  ];
  const [section = '', name] = route.path;
  const mayChange = session.role === 'administrator';
  return (
    <Shell product="Concentrator" nav={nav} section={section} strip={strip} connected={live.connected || !live.data} session={session}
      onLogout={onLogout} pageKey={route.path.join('/')}>
      {page()}
    </Shell>
  );

  function page() {
    switch (section) {
      case '': return <HomePage live={live} />;
      case 'events': return <EventsPage load={api.events} meterHref={meterHref} withConcentrator={false} severity={route.query.get('severity')} />;
      case 'archive':
        return name === undefined
          ? <ArchivePage state={route.query.get('state') ?? ''} mayChange={mayChange} />
          : <MeterPage key={name} meterNo={name} mayChange={mayChange} />;
      case 'settings': return <SettingsPage table={name} mayChange={mayChange} />;
      default: return (
        <>
          <PageHead title="Page not found" />
          <Empty title={`There is no page “${section}”`}>Use the menu above, or go to the <a href="#/">home page</a>.</Empty>
        </>
      );
    }
  }
}
