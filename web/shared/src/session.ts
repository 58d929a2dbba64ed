import type { Credentials, Session } from './contract';
import { request } from './http';

/** Session endpoints, the same in both products. */
export const sessionApi = {
  /** 200, or 401 when nobody is logged in. */
  get: () => request<Session>('GET', '/api/session', undefined, { anonymous: true }),
  /** 200; 401 wrong user or password; 429 locked out after too many failures (`retryAfterSeconds`). */
  login: (credentials: Credentials) => request<Session>('POST', '/api/login', credentials, { anonymous: true }),
  /** 204, also without a session. */
  logout: () => request<void>('POST', '/api/logout', undefined, { anonymous: true }),
};
