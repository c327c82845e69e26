import { afterAll, beforeAll, expect, it } from 'vitest';
import { routes } from '../support/contract.ts';
import { COSTED_EMPLOYEES, costsIn, OPERATIONS } from '../support/operation-costs.ts';
import { type MeteredFront, startMeteredFront } from '../support/operation-meter.ts';
import { publishedRows, rowsOf } from '../support/operation-rows.ts';

/** Some seventy operations, one after the other. */
const EVERY_OPERATION_MILLISECONDS = 120_000;

let front: MeteredFront;
beforeAll(async () => {
  front = await startMeteredFront();
});
afterAll(() => front.close());

it('every operation of the route table has an ordinary success, and nothing else has', () => {
  expect(Object.keys(OPERATIONS).sort()).toEqual(routes.map(({ operationId }) => operationId).sort());
});

it(
  'P9: every operation makes the calls and takes the units that docs/data-model.md says',
  async () => {
    // Where a change is meant, what was received are the rows to put in.
    expect(rowsOf(await costsIn(front, COSTED_EMPLOYEES))).toEqual(publishedRows());
  },
  EVERY_OPERATION_MILLISECONDS,
);
