import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Meters of the demo that is started. */
export const demoMeters = 6;

/** Rows at the head end before the tests begin: some hours of each meter, so that every page has something to show. */
const rowsToWaitFor = demoMeters * 12;
const patienceMs = 180_000;

const executable = process.env.GRIDTALLY_EXECUTABLE ?? fileURLToPath(new URL('../../artifacts/bin/Gridtally.Cli/release/gridtally', import.meta.url));

/** Starts `gridtally demo` unless GRIDTALLY_CONCENTRATOR_URL names one that runs; the result stops it. */
export default async function startDemo(): Promise<() => Promise<void>> {
  if (process.env.GRIDTALLY_CONCENTRATOR_URL) return async () => undefined;
  if (!existsSync(executable)) throw new Error(`${executable} is missing: build the solution first (./test browser does).`);

  const folder = mkdtempSync(join(tmpdir(), 'gridtally-browser-'));
  const demo = spawn(executable, ['demo', '--data', folder, '--speed', '600', '--meters', String(demoMeters), '--json'], { stdio: ['pipe', 'pipe', 'pipe'] });
  try {
    await untilReady(demo);
  } catch (error) {
    await stop(demo, folder);
    throw error;
  }
  return () => stop(demo, folder);
}

/** Reads the address line and the status lines until there is enough to show. */
async function untilReady(demo: ChildProcess): Promise<void> {
  const lastLines: string[] = [];
  const timer = setTimeout(() => demo.kill('SIGINT'), patienceMs);
  demo.stderr?.on('data', (chunk: Buffer) => lastLines.push(chunk.toString()));
  for await (const line of createInterface({ input: demo.stdout! })) {
    lastLines.push(line);
    if (!line.startsWith('{')) readAddresses(line);
    else if (rowsAtHeadEnd(line) >= rowsToWaitFor && process.env.GRIDTALLY_PASSWORD) {
      clearTimeout(timer);
      demo.stdout!.resume();
      return;
    }
  }
  clearTimeout(timer);
  throw new Error(`The demo ended or brought no ${rowsToWaitFor} rows within ${patienceMs / 1000} s. Its last lines:\n${lastLines.slice(-10).join('\n')}`);
}

/** `concentrator https://localhost:8443/  head end https://localhost:8444/  login admin / …  data …` */
function readAddresses(line: string): void {
  const match = /concentrator\s+(https:\S+).*head end\s+(https:\S+).*login\s+(\S+) \/ (\S+)/.exec(line);
  if (!match) return;
  [process.env.GRIDTALLY_CONCENTRATOR_URL, process.env.GRIDTALLY_HEADEND_URL, process.env.GRIDTALLY_USER, process.env.GRIDTALLY_PASSWORD] = match.slice(1);
}

function rowsAtHeadEnd(line: string): number {
  const status = JSON.parse(line) as { stages?: Record<string, { status?: { rows?: number } | null }> };
  return status.stages?.['head end']?.status?.rows ?? 0;
}

async function stop(demo: ChildProcess, folder: string): Promise<void> {
  if (demo.exitCode === null && demo.signalCode === null) {
    const ended = new Promise((done) => demo.once('exit', done));
    demo.kill('SIGINT');
    const timer = setTimeout(() => demo.kill('SIGKILL'), 20_000);
    await ended;
    clearTimeout(timer);
  }
  rmSync(folder, { recursive: true, force: true });
}
