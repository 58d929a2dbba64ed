import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Loaded } from '../data';
import type { ApiError } from '../http';
import { Icon } from './Icon';

/** Says that something is being loaded, but only once it takes long enough to be noticed. */
export function Loading({ what }: { what: string }) {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 250);
    return () => clearTimeout(timer);
  }, []);
  return <div class="state" role="status">{late && <><span class="spinner" aria-hidden="true" />Loading {what} …</>}</div>;
}

/** Nothing to show, and what to do about it. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return <div class="state"><strong>{title}</strong>{children !== undefined && <span>{children}</span>}</div>;
}

export function Failed({ error, retry }: { error: ApiError; retry?: () => void }) {
  return (
    <div class="state failed" role="alert">
      <Icon name="alert" />
      <strong>{error.problem.title}</strong>
      <span>{error.message}</span>
      {retry && <button type="button" class="button" onClick={retry}>Try again</button>}
    </div>
  );
}

/** Shows what a load brought: the error, the wait or the data. A failed reload keeps the data and says so above it. */
export function Show<T>({ of, what, children }: { of: Omit<Loaded<T>, 'replace' | 'loading'>; what: string; children: (data: T) => ComponentChildren }) {
  if (of.data !== undefined) {
    return <>{of.error && <Failed error={of.error} retry={of.reload} />}{children(of.data)}</>;
  }
  return of.error ? <Failed error={of.error} retry={of.reload} /> : <Loading what={what} />;
}
