import { useEffect, useState } from 'preact/hooks';

interface Toast {
  id: number;
  tone: 'ok' | 'bad';
  text: string;
}

/** How long a message stays; errors stay until they are closed. */
const stayMs = 5_000;
const mostAtOnce = 4;

let toasts: Toast[] = [];
let show: (toasts: Toast[]) => void = () => undefined;
let last = 0;

/** Tells the user that something was done (`ok`) or was not (`bad`). */
export function toast(tone: Toast['tone'], text: string): void {
  last += 1;
  const id = last;
  update([...toasts, { id, tone, text }].slice(-mostAtOnce));
  if (tone === 'ok') setTimeout(() => close(id), stayMs);
}

export function Toasts() {
  const [shown, setShown] = useState(toasts);
  useEffect(() => {
    show = setShown;
    return () => {
      show = () => undefined;
    };
  }, []);
  return (
    <div class="toasts" role="status" aria-live="polite">
      {shown.map(({ id, tone, text }) => (
        <div key={id} class={`toast ${tone}`}>
          <span>{text}</span>
          <button type="button" class="plain" aria-label="Close message" onClick={() => close(id)}>×</button>
        </div>
      ))}
    </div>
  );
}

function close(id: number): void {
  update(toasts.filter((one) => one.id !== id));
}

function update(next: Toast[]): void {
  toasts = next;
  show(toasts);
}
