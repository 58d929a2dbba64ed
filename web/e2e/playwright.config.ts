import { defineConfig } from '@playwright/test';

/** Tests of the products themselves in Debian's Chromium: a demo is started for them, or the one named by GRIDTALLY_* is used. */
export default defineConfig({
  testDir: '.',
  globalSetup: './demo.ts',
  outputDir: '../../artifacts/browser',
  // One demo and two cores: tests that change something must not meet each other.
  workers: 1,
  fullyParallel: false,
  forbidOnly: true,
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: [['list'], ...(process.env.PLAYWRIGHT_JSON_OUTPUT_FILE ? [['json'] as const] : [])],
  use: {
    browserName: 'chromium',
    // The demo's certificates are its own.
    ignoreHTTPSErrors: true,
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: process.env.GRIDTALLY_CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
      ],
    },
  },
});
