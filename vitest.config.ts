import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    globalSetup: ['test/support/global-setup.ts'],
    include: ['test/**/*.test.ts'],
    exclude: ['test/long/**', 'test/faults/**', '**/node_modules/**'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // The run's end searches all that it left behind (S13); what takes longer than this, Vitest cuts off and says nothing.
    teardownTimeout: 120_000,
    // Code that a test calls in its own process keeps its log lines to itself; those of the stack's functions are files.
    env: { LOG_LEVEL: 'SILENT', METRICS_NAMESPACE: 'PsaAccounts' },
    // One more than two cores: tests wait for mails and streams half of their time; a fourth only waits for the others.
    maxWorkers: 3,
  },
});
