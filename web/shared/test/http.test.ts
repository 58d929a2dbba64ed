import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ApiError, onSessionExpired, query, request } from '../src/http';

const fetched = vi.fn<typeof fetch>();

beforeEach(() => vi.stubGlobal('fetch', fetched));
afterEach(() => {
  vi.unstubAllGlobals();
  fetched.mockReset();
  onSessionExpired(() => undefined);
});

const answer = (status: number, body: unknown, type = 'application/problem+json') =>
  fetched.mockResolvedValueOnce(new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers: { 'Content-Type': type } }));

async function failure(sent: Promise<unknown>): Promise<ApiError> {
  const error = await sent.then(() => undefined, (reason: unknown) => reason);
  expect(error).toBeInstanceOf(ApiError);
  return error as ApiError;
}

describe('requests', () => {
  test('what changes something carries the header that another site cannot send', async () => {
    answer(200, { ok: true });
    await request('POST', '/api/meters', { meterNo: '1' });
    const [path, init] = fetched.mock.calls[0]!;
    expect(path).toBe('/api/meters');
    expect(init).toMatchObject({ method: 'POST', body: '{"meterNo":"1"}', credentials: 'same-origin', headers: { 'X-Requested-With': 'gridtally', 'Content-Type': 'application/json' } });
  });

  test('an answer without content is undefined', async () => {
    fetched.mockResolvedValueOnce(new Response(null, { status: 204 }));
    expect(await request('DELETE', '/api/meters/1')).toBeUndefined();
  });

  test('queries leave out what has no value', () => {
    expect(query({ limit: 50, before: undefined, meter: '', severity: null, text: 'a b' })).toBe('?limit=50&text=a+b');
    expect(query({})).toBe('');
  });
});

describe('failures', () => {
  test('a problem keeps its detail and the messages of its fields', async () => {
    answer(400, { type: 'about:blank', title: 'Not valid', detail: 'Correct the marked fields.', errors: { address: ['Too high.', 'At most 16381.'] } });
    const error = await failure(request('POST', '/api/meters', {}));
    expect(error.message).toBe('Correct the marked fields.');
    expect(error.field('address')).toBe('Too high. At most 16381.');
    expect(error.status).toBe(400);
  });

  test('an error that is no problem document is told by its status', async () => {
    answer(502, '<html>Bad gateway</html>', 'text/html');
    expect((await failure(request('GET', '/api/home'))).message).toMatch(/^The server answered 502/);
  });

  test('an answer that is no JSON is an error, not a broken page', async () => {
    answer(200, '<html>Portal</html>', 'text/html');
    expect((await failure(request('GET', '/api/home'))).message).toContain('/api/home is not JSON');
  });

  test('a server that cannot be reached has status 0 and says what to check', async () => {
    fetched.mockRejectedValueOnce(new TypeError('Failed to fetch'));
    const error = await failure(request('GET', '/api/home'));
    expect(error.status).toBe(0);
    expect(error.message).toContain('Check that it is running');
  });

  test('401 ends the session, except where being logged out is an ordinary answer', async () => {
    const expired = vi.fn();
    onSessionExpired(expired);
    answer(401, { title: 'Not logged in' });
    await failure(request('GET', '/api/session', undefined, { anonymous: true }));
    expect(expired).not.toHaveBeenCalled();
    answer(401, { title: 'Not logged in' });
    await failure(request('GET', '/api/home'));
    expect(expired).toHaveBeenCalledOnce();
  });
});
