import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Session } from '../contract';
import { asApiError } from '../data';
import { type ApiError, onSessionExpired } from '../http';
import { sessionApi } from '../session';
import { Login } from './Login';
import { Failed, Loading } from './states';
import { toast } from './toasts';

type State =
  | { kind: 'asking' }
  | { kind: 'failed'; error: ApiError }
  | { kind: 'out'; notice?: string }
  | { kind: 'in'; session: Session };

/** Shows the login page until there is a session, then the application; back to the login page when the session ends. */
export function Root({ product, children }: { product: string; children: (session: Session, logout: () => void) => ComponentChildren }) {
  const [state, setState] = useState<State>({ kind: 'asking' });

  const ask = () => {
    setState({ kind: 'asking' });
    sessionApi.get().then(
      (session) => setState({ kind: 'in', session }),
      (failure: unknown) => {
        const error = asApiError(failure);
        setState(error.status === 401 ? { kind: 'out' } : { kind: 'failed', error });
      });
  };

  const logout = () => {
    sessionApi.logout().then(
      () => setState({ kind: 'out', notice: 'You are logged out.' }),
      (failure: unknown) => toast('bad', `You are still logged in: ${asApiError(failure).message}`));
  };

  useEffect(() => {
    onSessionExpired(() => setState({ kind: 'out', notice: 'Your session has ended. Log in again to go on where you were.' }));
    ask();
  }, []);

  switch (state.kind) {
    case 'asking': return <main class="login"><Loading what={product} /></main>;
    case 'failed': return <main class="login"><Failed error={state.error} retry={ask} /></main>;
    case 'out': return <Login product={product} notice={state.notice} onLogin={(session) => setState({ kind: 'in', session })} />;
    case 'in': return children(state.session, logout);
  }
}
