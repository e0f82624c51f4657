// `mock` answers every API call from tests/fixtures; `live` runs against a real platform (GRID_CONSOLE_URL).
import { defineConfig } from '@playwright/test';

const PORT = 4179;
const LIVE = process.argv.some((word) => word.includes('--project=live'));

export default defineConfig({
  testDir: 'tests',
  outputDir: 'test-results/playwright',
  timeout: 60_000,
  expect: { timeout: 10_000 },
  workers: 1,
  forbidOnly: true,
  reporter: [['list']],
  use: {
    actionTimeout: 20_000,
    viewport: { width: 1440, height: 900 },
    locale: 'zh-CN',
    // Not Shanghai on purpose: every time on a page must be Shanghai's all the same.
    timezoneId: 'Europe/London',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env['GRID_CHROMIUM'] ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--no-first-run'],
    },
  },
  projects: [
    { name: 'mock', testMatch: 'mock/*.spec.ts', use: { baseURL: `http://127.0.0.1:${PORT}` } },
    {
      name: 'live', testMatch: 'live/*.spec.ts', timeout: 180_000,
      use: { baseURL: process.env['GRID_CONSOLE_URL'] ?? '', ignoreHTTPSErrors: true },
    },
  ],
  ...(LIVE ? {} : {
    webServer: {
      command: `npx vite preview --host 127.0.0.1 --port ${PORT} --strictPort`, url: `http://127.0.0.1:${PORT}`, reuseExistingServer: false, timeout: 60_000,
    },
  }),
});
