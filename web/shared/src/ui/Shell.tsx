import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { deviceNow, deviceRate, deviceZone } from '../clock';
import type { Session } from '../contract';
import { useTick } from '../data';
import { wallClock } from '../days';
import { useTheme } from '../theme';
import { ChangePassword } from './ChangePassword';
import { Icon, Mark } from './Icon';
import { Toasts } from './toasts';

export interface NavItem {
  href: string;
  label: string;
  /** First path segments that belong to it. */
  sections: string[];
}

export interface StripItem {
  label: string;
  value: ComponentChildren;
}

export interface ShellProps {
  product: string;
  nav: NavItem[];
  section: string;
  strip: StripItem[];
  connected: boolean;
  session: Session;
  onLogout: () => void;
  /** Changes when another page is shown. */
  pageKey: string;
  children: ComponentChildren;
}

/** Frame of every page: menu, the device's header line (serial, time, software) and the user. */
export function Shell(props: ShellProps) {
  const main = useRef<HTMLElement>(null);
  const menu = useRef<HTMLElement>(null);
  useFocusOnNewPage(main, props.pageKey, props.product);
  useEffect(() => {
    // On a narrow screen the menu scrolls sideways.
    menu.current?.querySelector('[aria-current]')?.scrollIntoView({ inline: 'center', block: 'nearest' });
  }, [props.section]);
  return (
    <>
      <a class="skip" href="#main" onClick={(event) => { event.preventDefault(); main.current?.focus(); }}>Skip to content</a>
      <header class="top">
        <div class="top-row">
          <a class="brand" href="#/" aria-label={`Gridtally ${props.product}, start page`}><Mark /><span><strong>Gridtally</strong> <span class="brand-product">{props.product}</span></span></a>
          <nav class="menu" aria-label="Main" ref={menu}>
            {props.nav.map((item) => (
              <a key={item.href} href={item.href} aria-current={item.sections.includes(props.section) ? 'page' : undefined}>{item.label}</a>
            ))}
          </nav>
          <UserMenu session={props.session} onLogout={props.onLogout} />
        </div>
        <div class="strip" role="group" aria-label="Device">
          {props.strip.map((item) => <span key={item.label} class="strip-item"><span class="strip-label">{item.label}</span> {item.value}</span>)}
          {!props.connected && <span class="strip-item interrupted" role="status"><Icon name="alert" /> Live data interrupted, trying again</span>}
        </div>
      </header>
      <main id="main" class="page" ref={main} tabIndex={-1}>{props.children}</main>
      <Toasts />
    </>
  );
}

function UserMenu({ session, onLogout }: { session: Session; onLogout: () => void }) {
  const [theme, toggle] = useTheme();
  const [changing, setChanging] = useState(false);
  const other = theme === 'dark' ? 'light' : 'dark';
  return (
    <div class="user">
      <button type="button" class="top-button user-name" title={`${session.role}: change password`} onClick={() => setChanging(true)}><Icon name="user" /><span>{session.user}</span></button>
      <button type="button" class="top-button" aria-label={`Switch to ${other} colours`} title={`Switch to ${other} colours`} onClick={toggle}>
        <Icon name={theme === 'dark' ? 'sun' : 'moon'} />
      </button>
      <button type="button" class="top-button" aria-label="Log out" title="Log out" onClick={onLogout}><Icon name="logout" /></button>
      {changing && <ChangePassword user={session.user} onClose={() => setChanging(false)} />}
    </div>
  );
}

/** The device's clock, running. Its rate is shown where it is not real time. */
export function DeviceTime() {
  const rate = deviceRate();
  useTick(rate > 1 ? 250 : 1000);
  return <><time class="numeric">{wallClock(deviceNow(), deviceZone())}</time> {deviceZone()}{rate !== 1 && <span class="rate" title="Speed of the device's time"> ×{rate}</span>}</>;
}

/** A new page is announced by its title and starts at the top with the focus on its heading, as a loaded page would. */
function useFocusOnNewPage(main: { current: HTMLElement | null }, pageKey: string, product: string): void {
  const first = useRef(true);
  useEffect(() => {
    const heading = main.current?.querySelector('h1');
    document.title = [heading?.textContent, product, 'Gridtally'].filter(Boolean).join(' · ');
    if (!first.current) {
      scrollTo(0, 0);
      (heading ?? main.current)?.focus({ preventScroll: true });
    }
    first.current = false;
  }, [pageKey]);
}
