import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from './http';

export interface Loaded<T> {
  /** The last answer; kept while it is loaded again. */
  data: T | undefined;
  error: ApiError | undefined;
  loading: boolean;
  reload: () => void;
  /** Replaces the answer with a newer one that came another way (a change's result, the stream). */
  replace: (data: T) => void;
}

/** Loads when a dependency changes and on `reload`. An answer that is overtaken by a newer request is dropped. */
export function useData<T>(load: (signal: AbortSignal) => Promise<T>, dependencies: unknown[]): Loaded<T> {
  const [state, setState] = useState<{ data?: T; error?: ApiError; loading: boolean }>({ loading: true });
  const [round, setRound] = useState(0);
  const key = JSON.stringify(dependencies);
  const shownKey = useRef(key);

  useEffect(() => {
    const abort = new AbortController();
    const sameKey = shownKey.current === key;
    shownKey.current = key;
    setState((before) => ({ data: sameKey ? before.data : undefined, error: undefined, loading: true }));
    load(abort.signal).then(
      (data) => !abort.signal.aborted && setState({ data, loading: false }),
      (error: unknown) => !abort.signal.aborted && setState((before) => ({ data: before.data, error: asApiError(error), loading: false })),
    );
    return () => abort.abort();
  }, [key, round]);

  const reload = useCallback(() => setRound((n) => n + 1), []);
  const replace = useCallback((data: T) => setState({ data, loading: false }), []);
  return { data: state.data, error: state.error, loading: state.loading, reload, replace };
}

/** Every failure as an `ApiError`, so that pages show one kind. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return new ApiError({ type: 'about:blank', title: 'Fault in this page', status: 0, detail });
}

/** Calls `action` every `everyMs` while the page is visible. */
export function useInterval(action: () => void, everyMs: number): void {
  const latest = useRef(action);
  latest.current = action;
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) latest.current();
    }, everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
}

/** Renders again every `everyMs`, for what depends on the clock. */
export function useTick(everyMs: number): void {
  const [, setTick] = useState(0);
  useInterval(() => setTick((n) => n + 1), everyMs);
}
