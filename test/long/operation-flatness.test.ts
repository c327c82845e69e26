import { afterAll, beforeAll, expect, it } from 'vitest';
import { publishedWalk } from '../support/capacity.ts';
import { COSTED_EMPLOYEES, costsIn } from '../support/operation-costs.ts';
import { type Cost, type MeteredFront, startMeteredFront } from '../support/operation-meter.ts';
import { GROWING, publishedRows, rowsOf } from '../support/operation-rows.ts';

/**
 * EMPLOYEES=1000000 goes as far as P9 does, without what walks to the end: in twenty minutes, and the search for leaks
 * after it takes long.
 */
const MANY = Number(process.env.EMPLOYEES ?? 20_000);
const MILLISECONDS_AN_EMPLOYEE = 3;
/** What a walk takes, in docs/data-model.md. */
const PUBLISHED_UP_TO = 20_000;

/** Eventually consistent: half a unit for each 4 KB. */
const UNITS_OF_A_MEGABYTE = 128;
const queriesOf = ({ dynamodb }: Cost) => Number(/(\d*) ?Query/.exec(dynamodb)?.[1] || 1);

let front: MeteredFront;
beforeAll(async () => {
  front = await startMeteredFront();
});
afterAll(() => front.close());

it(`P9: every operation takes the same among 100 and among ${MANY.toLocaleString('en')} employees, or grows as published`, {
  timeout: 120_000 + MANY * MILLISECONDS_AN_EMPLOYEE,
}, async () => {
  const few = new Map(await costsIn(front, COSTED_EMPLOYEES));
  const walked = MANY <= PUBLISHED_UP_TO ? GROWING : new Set<string>();
  const many = new Map(await costsIn(front, MANY, walked === GROWING ? new Set() : GROWING));
  expect(rowsOf(few)).toEqual(publishedRows());

  const [hundred, thousand] = [publishedWalk('100 people'), publishedWalk('1,000 people')];
  // Half of a company are people.
  const morePeople = (MANY - COSTED_EMPLOYEES) / 2;
  const published = ((thousand.units - hundred.units) / 900) * morePeople;
  for (const operationId of walked) {
    const [before, after] = [few.get(operationId), many.get(operationId)];
    if (before === undefined || after === undefined) throw new Error(`${operationId} was not measured`);
    const growth = after.readUnits - before.readUnits;
    expect(growth / published, `${operationId} takes ${growth} read units more`).toBeCloseTo(1, 1);
    // One query more for each megabyte read.
    const queries = queriesOf(after) - queriesOf(before);
    expect(queries, `${operationId} makes ${queries} queries more`).toBe(
      Math.floor(growth / UNITS_OF_A_MEGABYTE),
    );
  }
  for (const operationId of GROWING) many.set(operationId, few.get(operationId) as Cost);
  expect(rowsOf(many)).toEqual(rowsOf(few));
});
