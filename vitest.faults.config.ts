import { defineConfig } from 'vitest/config';
import base from './vitest.config.ts';

/** `npm run test:faults`: every fault at every call of AWS of every changing operation (R6). */
export default defineConfig({
  test: { ...base.test, include: ['test/faults/**/*.test.ts'], exclude: ['**/node_modules/**'] },
});
