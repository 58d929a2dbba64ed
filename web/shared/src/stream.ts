import { useEffect, useRef, useState } from 'preact/hooks';
import { asApiError } from './data';
import type { ApiError } from './http';

export interface Live<T> {
  data: T | undefined;
  error: ApiError | undefined;
  /** False while the stream is interrupted; `data` is then the last that came. */
  connected: boolean;
  reload: () => void;
}

/** First and longest wait before the stream is opened again. */
const firstRetryMs = 2_000;
const longestRetryMs = 30_000;
/** The server sends at least every 15 s; after this silence the connection counts as dead. */
const silenceMs = 40_000;

/** Loads once, then follows the server's events. After an interruption it loads again, so nothing is missed. */
export function useLive<T>(path: string, event: string, load: () => Promise<T>, received: (data: T) => void): Live<T> {
  const [state, setState] = useState<Omit<Live<T>, 'reload'>>({ data: undefined, error: undefined, connected: false });
  const again = useRef<() => void>(() => undefined);

  useEffect(() => {
    let closed = false;
    let source: EventSource | undefined;
    let retryMs = firstRetryMs;
    let retry: ReturnType<typeof setTimeout> | undefined;
    let watchdog: ReturnType<typeof setTimeout> | undefined;

    const take = (data: T, connected: boolean) => {
      received(data);
      setState({ data, error: undefined, connected });
    };

    const start = async () => {
      clearTimeout(retry);
      source?.close();
      try {
        const data = await load();
        if (closed) return;
        take(data, false);
      } catch (error) {
        if (closed) return;
        setState((before) => ({ ...before, error: asApiError(error), connected: false }));
        return restartLater();
      }
      listen();
    };

    const listen = () => {
      source = new EventSource(path);
      source.addEventListener('open', () => {
        retryMs = firstRetryMs;
        setState((before) => ({ ...before, connected: true }));
        watch();
      });
      source.addEventListener(event, (message) => {
        watch();
        take(JSON.parse((message as MessageEvent<string>).data) as T, true);
      });
      source.addEventListener('error', restartLater);
    };

    const watch = () => {
      clearTimeout(watchdog);
      watchdog = setTimeout(restartLater, silenceMs);
    };

    const restartLater = () => {
      source?.close();
      clearTimeout(watchdog);
      clearTimeout(retry);
      if (closed) return;
      setState((before) => ({ ...before, connected: false }));
      retry = setTimeout(() => void start(), retryMs);
      retryMs = Math.min(retryMs * 2, longestRetryMs);
    };

    again.current = () => void start();
    void start();
    return () => {
      closed = true;
      source?.close();
      clearTimeout(watchdog);
      clearTimeout(retry);
    };
  }, [path]);

  return { ...state, reload: () => again.current() };
}
