import { defineConfig } from 'vitest/config';
import base from './vitest.config.ts';

/** `npm run test:long`: the races, floods and matrices that would not fit into the minutes of `npm test`. */
export default defineConfig({
  test: { ...base.test, include: ['test/long/**/*.test.ts'], exclude: ['**/node_modules/**'] },
});
