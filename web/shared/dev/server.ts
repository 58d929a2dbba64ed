import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PasswordChange, Problem, Session } from '../src/contract.ts';

/** A small server for developing the pages without a product. It keeps to the contract; it is never part of a build. */

export interface Request {
  /** What the route's groups matched, decoded. */
  path: string[];
  query: URLSearchParams;
  body: unknown;
}

/** Method and pattern of the path → answer. Undefined answers 204. */
export type Routes = [method: string, pattern: RegExp, answer: (request: Request) => unknown][];

export class Refusal extends Error {
  constructor(readonly problem: Omit<Problem, 'type'>) {
    super(problem.title);
  }
}

export const mockLogin = { user: 'admin', password: 'gridtally' };

interface StreamSource {
  event: string;
  everyMs: number;
  data: () => unknown;
}

export function mockServer(routes: Routes, stream: StreamSource) {
  return (request: IncomingMessage, response: ServerResponse, next: () => void): void => {
    const url = new URL(request.url ?? '/', 'http://mock');
    if (!url.pathname.startsWith('/api/')) return next();
    handle(request, response, url, routes, stream).catch((error: unknown) => {
      const problem = error instanceof Refusal ? error.problem : { title: 'Mock failed', status: 500, detail: String(error) };
      reply(response, problem.status, { type: 'about:blank', ...problem }, 'application/problem+json');
    });
  };
}

async function handle(request: IncomingMessage, response: ServerResponse, url: URL, routes: Routes, stream: StreamSource): Promise<void> {
  const method = request.method ?? 'GET';
  const body = method === 'GET' ? undefined : await readJson(request);
  if (method !== 'GET' && request.headers['x-requested-with'] !== 'gridtally') throw new Refusal({ title: 'Forbidden', status: 403 });

  if (url.pathname === '/api/login') return login(response, body as typeof mockLogin);
  if (url.pathname === '/api/logout') {
    response.setHeader('Set-Cookie', 'session=; Max-Age=0; Path=/');
    return reply(response, 204);
  }
  if (!request.headers.cookie?.includes('session=mock')) throw new Refusal({ title: 'Not logged in', status: 401, detail: 'Log in first.' });
  if (url.pathname === '/api/session') return reply(response, 200, session());
  if (url.pathname === '/api/stream') return follow(response, stream);

  if (url.pathname === '/api/session/password') return changePassword(response, body as PasswordChange);

  for (const [routeMethod, pattern, answer] of routes) {
    const match = pattern.exec(url.pathname);
    if (!match || routeMethod !== method) continue;
    const result = await answer({ path: match.slice(1).map(decodeURIComponent), query: url.searchParams, body });
    return result === undefined ? reply(response, 204) : reply(response, 200, result);
  }
  throw new Refusal({ title: 'Not found', status: 404, detail: `There is no ${method} ${url.pathname}.` });
}

function login(response: ServerResponse, given: typeof mockLogin): void {
  if (given.user !== mockLogin.user || given.password !== mockLogin.password) throw new Refusal({ title: 'Login failed', status: 401, detail: 'User or password is wrong.' });
  response.setHeader('Set-Cookie', 'session=mock; Path=/; SameSite=Strict; HttpOnly');
  reply(response, 200, session());
}

function changePassword(response: ServerResponse, { current, next }: PasswordChange): void {
  if (current !== mockLogin.password) throw new Refusal({ title: 'Not valid', status: 400, detail: 'Correct the marked fields.', errors: { current: ['Expected the password you logged in with, got another.'] } });
  if (next.length < 10) throw new Refusal({ title: 'Not valid', status: 400, detail: 'Correct the marked fields.', errors: { next: ['Expected at least 10 characters.'] } });
  reply(response, 204);
}

function session(): Session {
  return { user: mockLogin.user, role: 'administrator', expiresAt: new Date(Date.now() + 30 * 60_000).toISOString() };
}

function follow(response: ServerResponse, { event, everyMs, data }: StreamSource): void {
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
  const send = () => response.write(`event: ${event}\ndata: ${JSON.stringify(data())}\n\n`);
  send();
  const timer = setInterval(send, everyMs);
  response.on('close', () => clearInterval(timer));
}

function reply(response: ServerResponse, status: number, body?: unknown, type = 'application/json'): void {
  response.writeHead(status, { 'Content-Type': type, 'Cache-Control': 'no-store' });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  return text === '' ? undefined : JSON.parse(text);
}
