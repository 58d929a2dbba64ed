import type { ComponentChildren } from 'preact';
import type { Completeness, Timestamp } from '../contract';
import { count, none, percent, share, time } from '../format';

export type Tone = 'ok' | 'warn' | 'bad' | 'info' | 'idle';

/** A state in a word. The dot repeats it in colour and shape; the word carries it. */
export function Chip({ tone, children, title }: { tone: Tone; children: ComponentChildren; title?: string }) {
  return <span class={`chip ${tone}`} title={title}><span class="dot" aria-hidden="true" />{children}</span>;
}

/** A key figure with what it means. `href` leads to the rows behind it. */
export function Stat(props: { label: string; value: ComponentChildren; detail?: ComponentChildren; tone?: Tone; href?: string }) {
  const body = (
    <>
      <span class="stat-label">{props.label}</span>
      <span class="stat-value">{props.value}</span>
      {props.detail !== undefined && <span class="stat-detail">{props.detail}</span>}
    </>
  );
  const style = `stat ${props.tone ?? ''}`;
  return props.href ? <a class={style} href={props.href}>{body}</a> : <div class={style}>{body}</div>;
}

/** Bar of a completeness; decorative, the numbers stand beside it. */
export function Bar({ value }: { value: Completeness }) {
  const part = share(value);
  return (
    <span class={`bar ${toneOf(value)}`} aria-hidden="true">
      <span class="bar-fill" style={{ width: `${(part ?? 0) * 100}%` }} />
    </span>
  );
}

/** `95 / 96` with bar and per cent. */
export function Ratio({ value }: { value: Completeness }) {
  if (value.expected <= 0) return <span class="ratio quiet">{value.got > 0 ? count(value.got) : 'none due'}</span>;
  return (
    <span class="ratio">
      <span class="ratio-numbers">{count(value.got)}<span class="quiet"> / {count(value.expected)}</span></span>
      <Bar value={value} />
      <span class="ratio-percent">{percent(value)}</span>
    </span>
  );
}

/** The tone of a completeness; 90 % is where the heat map changes too. */
export function toneOf(value: Completeness): Tone {
  const part = share(value);
  if (part === null) return 'idle';
  return part === 1 ? 'ok' : part >= 0.9 ? 'info' : part >= 0.5 ? 'warn' : 'bad';
}

/** A panel with a heading; `actions` stand at its right. */
export function Panel(props: { title: string; actions?: ComponentChildren; note?: ComponentChildren; children: ComponentChildren; class?: string }) {
  return (
    <section class={`panel ${props.class ?? ''}`}>
      <div class="panel-head">
        <h2>{props.title}</h2>
        {props.note !== undefined && <span class="panel-note">{props.note}</span>}
        {props.actions !== undefined && <div class="panel-actions">{props.actions}</div>}
      </div>
      {props.children}
    </section>
  );
}

/** The head of a page: title, state beside it, actions at the right. The title takes the focus when a page opens. */
export function PageHead(props: { title: ComponentChildren; back?: { href: string; label: string }; beside?: ComponentChildren; actions?: ComponentChildren }) {
  return (
    <div class="page-head">
      {props.back && <a class="back" href={props.back.href}>{props.back.label}</a>}
      <h1 tabIndex={-1}>{props.title}</h1>
      {props.beside !== undefined && <div class="page-beside">{props.beside}</div>}
      {props.actions !== undefined && <div class="page-actions">{props.actions}</div>}
    </div>
  );
}

/** A device time whose date and time of day stay whole when there is room for only one of them on a line. */
export function DateTime({ value }: { value: Timestamp | null }) {
  if (value === null) return <span class="quiet">{none}</span>;
  const [date, clock] = time(value).split(' ');
  return <time dateTime={value} class="numeric"><span class="nowrap">{date}</span> <span class="nowrap">{clock}</span></time>;
}

/** Name and value pairs. */
export function Facts({ items }: { items: [string, ComponentChildren][] }) {
  return (
    <dl class="facts">
      {items.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}
    </dl>
  );
}
