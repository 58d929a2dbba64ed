import type { Credentials, PasswordChange, Session } from './contract';
import { request } from './http';

/** Session endpoints, the same in both products. */
export const sessionApi = {
  /** 200, or 401 when nobody is logged in. */
  get: () => request<Session>('GET', '/api/session', undefined, { anonymous: true }),
  /** 200; 401 wrong user or password; 429 locked out after too many failures (`retryAfterSeconds`). */
  login: (credentials: Credentials) => request<Session>('POST', '/api/login', credentials, { anonymous: true }),
  /** 204; 400 with `errors` for `current` (wrong) or `next` (not accepted); 429 locked out. */
  changePassword: (passwords: PasswordChange) => request<void>('PUT', '/api/session/password', passwords),
  /** 204, also without a session. */
  logout: () => request<void>('POST', '/api/logout', undefined, { anonymous: true }),
};

const hintKey = 'gridtally.session';

/** Notes that a session was opened here, so that a first visit need not ask the server and be refused. */
export function noteSession(open: boolean): void {
  try {
    if (open) localStorage.setItem(hintKey, 'open');
    else localStorage.removeItem(hintKey);
  } catch {
    // Storage may be blocked; the server is asked each time then.
  }
}

/** False only when it is certain that no session was opened with this browser. */
export function mayHaveSession(): boolean {
  try {
    return localStorage.getItem(hintKey) !== null;
  } catch {
    return true;
  }
}
