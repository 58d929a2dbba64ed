import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Session } from '../contract';
import { asApiError } from '../data';
import { type ApiError, onSessionExpired } from '../http';
import { mayHaveSession, noteSession, sessionApi } from '../session';
import { Login } from './Login';
import { Failed, Loading } from './states';
import { toast } from './toasts';

type State =
  | { kind: 'asking' }
  | { kind: 'failed'; error: ApiError }
  | { kind: 'out'; notice?: string | undefined }
  | { kind: 'in'; session: Session };

/** Shows the login page until there is a session, then the application; back to the login page when the session ends. */
export function Root({ product, children }: { product: string; children: (session: Session, logout: () => void) => ComponentChildren }) {
  const [state, setState] = useState<State>(() => (mayHaveSession() ? { kind: 'asking' } : { kind: 'out' }));

  const enter = (session: Session) => {
    noteSession(true);
    setState({ kind: 'in', session });
  };
  const leave = (notice?: string) => {
    noteSession(false);
    setState({ kind: 'out', notice });
  };
  const ask = () => {
    setState({ kind: 'asking' });
    sessionApi.get().then(enter, (failure: unknown) => {
      const error = asApiError(failure);
      if (error.status === 401) leave();
      else setState({ kind: 'failed', error });
    });
  };
  const logout = () => {
    sessionApi.logout().then(
      () => leave('You are logged out.'),
      (failure: unknown) => toast('bad', `You are still logged in: ${asApiError(failure).message}`));
  };

  useEffect(() => {
    onSessionExpired(() => leave('Your session has ended. Log in again to go on where you were.'));
    if (mayHaveSession()) ask();
  }, []);

  switch (state.kind) {
    case 'asking': return <main class="login"><Loading what={product} /></main>;
    case 'failed': return <main class="login"><Failed error={state.error} retry={ask} /></main>;
    case 'out': return <Login product={product} notice={state.notice} onLogin={enter} />;
    case 'in': return children(state.session, logout);
  }
}
