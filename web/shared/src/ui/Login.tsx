import { useEffect, useRef, useState } from 'preact/hooks';
import type { Session } from '../contract';
import { asApiError } from '../data';
import { sessionApi } from '../session';
import { TextField } from './fields';
import { Mark } from './Icon';

/** The login page. `notice` says why it is shown when the user did not ask for it. */
export function Login({ product, notice, onLogin }: { product: string; notice: string | undefined; onLogin: (session: Session) => void }) {
  const [user, setUser] = useState('');
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const form = useRef<HTMLFormElement>(null);

  useEffect(() => {
    document.title = `Log in · ${product} · Gridtally`;
    form.current?.querySelector('input')?.focus();
  }, [product]);

  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      onLogin(await sessionApi.login({ user: user.trim(), password }));
    } catch (failure) {
      setError(loginMessage(asApiError(failure)));
      setPassword('');
      setBusy(false);
      form.current?.querySelector<HTMLInputElement>('input[type=password]')?.focus();
    }
  };

  return (
    <main class="login">
      <form ref={form} class="login-card" onSubmit={(event) => void submit(event)}>
        <div class="login-brand"><Mark /><div><strong>Gridtally</strong><span>{product}</span></div></div>
        <h1>Log in</h1>
        {notice && !error && <p class="notice" role="status">{notice}</p>}
        {error && <p class="form-error" role="alert">{error}</p>}
        <TextField label="User" value={user} onChange={setUser} autocomplete="username" required />
        <TextField label="Password" secret value={password} onChange={setPassword} autocomplete="current-password" required />
        <button type="submit" class="button primary" disabled={busy}>{busy ? 'Logging in …' : 'Log in'}</button>
      </form>
    </main>
  );
}

function loginMessage({ status, problem, message }: ReturnType<typeof asApiError>): string {
  if (status === 429 && problem.retryAfterSeconds !== undefined) {
    const minutes = Math.ceil(problem.retryAfterSeconds / 60);
    return `Too many failed attempts. Log in is blocked for ${minutes < 120 ? `${minutes} min` : `${Math.ceil(minutes / 60)} h`}.`;
  }
  if (status === 401) return 'User or password is wrong. Check both and try again.';
  return message;
}
