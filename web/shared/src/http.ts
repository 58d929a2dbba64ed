import type { Problem } from './contract';

/** The server refused a request, or could not be reached (`status` 0). */
export class ApiError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail ?? problem.title);
    this.name = 'ApiError';
  }

  get status(): number {
    return this.problem.status;
  }

  /** Messages for one form field. */
  field(name: string): string | undefined {
    return this.problem.errors?.[name]?.join(' ');
  }
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** Longest wait for an answer. A register read through a slow bus takes up to a minute; nothing takes longer. */
const requestTimeoutMs = 75_000;

let sessionExpired: () => void = () => undefined;

/** Says what to do when the server answers 401 to anything but a login. */
export function onSessionExpired(handler: () => void): void {
  sessionExpired = handler;
}

export interface RequestOptions {
  /** A 401 is an ordinary answer here (asking whether there is a session, logging in). */
  anonymous?: boolean;
  signal?: AbortSignal;
}

/** Sends one request; throws `ApiError` for everything but a 2xx answer. */
export async function request<T>(method: Method, path: string, body?: unknown, options: RequestOptions = {}): Promise<T> {
  const response = await send(method, path, body, options.signal);
  if (response.ok) return (response.status === 204 ? undefined : await json(response, path)) as T;

  const problem = await readProblem(response);
  if (response.status === 401 && !options.anonymous) sessionExpired();
  throw new ApiError(problem);
}

/** Builds a query string from the parameters that have a value. */
export function query(parameters: Record<string, string | number | undefined | null>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== null && value !== '') search.set(name, String(value));
  }
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}

async function send(method: Method, path: string, body: unknown, signal?: AbortSignal): Promise<Response> {
  const headers: Record<string, string> = { Accept: 'application/json, application/problem+json' };
  if (method !== 'GET') headers['X-Requested-With'] = 'gridtally';
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  const timeout = AbortSignal.timeout(requestTimeoutMs);
  try {
    return await fetch(path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: 'same-origin',
      cache: 'no-store',
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(unreachable(error));
  }
}

function unreachable(error: unknown): Problem {
  const late = error instanceof DOMException && error.name === 'TimeoutError';
  return {
    type: 'about:blank',
    title: late ? 'No answer' : 'Not reachable',
    status: 0,
    detail: late
      ? `The server did not answer within ${requestTimeoutMs / 1000} seconds. Try again.`
      : 'The server cannot be reached. Check that it is running and that this computer is connected to it.',
  };
}

async function json(response: Response, path: string): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    throw new ApiError({
      type: 'about:blank',
      title: 'Unreadable answer',
      status: response.status,
      detail: `The answer to ${path} is not JSON. Is there a proxy in between that answers for the server?`,
    });
  }
}

async function readProblem(response: Response): Promise<Problem> {
  const fallback: Problem = {
    type: 'about:blank',
    title: response.statusText || `HTTP ${response.status}`,
    status: response.status,
    detail: `The server answered ${response.status} ${response.statusText}`.trim() + '.',
  };
  try {
    const problem = (await response.json()) as Partial<Problem> | null;
    return problem && typeof problem === 'object' ? { ...fallback, ...problem, status: response.status } : fallback;
  } catch {
    return fallback;
  }
}
