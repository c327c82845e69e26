import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { newEmployee, newTenant, ROLES, request, type Tenant } from '../support/world.ts';
import { FAULTS, type Fault } from './faulty-aws.ts';
import { startFaultyFront } from './front.ts';
import { breachesIn, foundIn, itemsOf, plainDeps } from './invariants.ts';
import { OPERATIONS, type Operation, type Seen } from './operations.ts';

let front: Awaited<ReturnType<typeof startFaultyFront>>;
let tenant: Tenant;
const { table } = plainDeps();
beforeAll(async () => {
  tenant = await newTenant({ licences: 100_000 });
  await request('PATCH', `/v2/admin/security/roles/${ROLES.serviceDeskManager}`, {
    token: tenant.admin,
    body: { apiAccess: true },
  });
  front = await startFaultyFront();
});
afterAll(() => front.close());

/** No operation makes more calls than this. */
const CALLS_MAX = 40;
const TRIES_MAX = 6;

/** Refusals that say themselves that they pass. */
const PASSING = /^request_in_flight$|being used at this very moment/;
const mayPass = ({ status, reason = '' }: Seen) => status === 0 || status >= 500 || PASSING.test(reason);

/** One run of the operation with the fault at one call. Answers the call that it befell, undefined past the last. */
async function suffer(operation: Operation, fault: Fault, at: number): Promise<string | undefined> {
  const { send, verify, waitOutLease } = await operation.prepare(tenant);
  front.aws.plan(fault, at);
  let last: Seen = await send(front.url).catch(() => ({ status: 0 }));
  const calls = front.aws.clear();
  const { hit } = front.aws;
  if (at >= calls) return undefined;
  if (fault.startsWith('killed')) await waitOutLease?.();
  // The client of a killed process has no answer, whatever was written.
  let again = fault.startsWith('killed') && hit !== undefined;
  for (let tries = 1; again || mayPass(last); tries += 1) {
    if (tries > TRIES_MAX) throw new Error(`${tries} tries, and still ${JSON.stringify(last)}`);
    again = false;
    // Told that the first try holds the key, or the link, a client waits a moment.
    if (last.status === 409) await waitOutLease?.();
    last = await send(front.url);
  }
  // Told of a condition that did not hold, a client reads afresh and sends again.
  if (last.reason === 'changed_meanwhile' || last.status === 412) last = await send(front.url);
  try {
    await verify(last);
  } catch (error) {
    throw new Error(`at call ${at} (${hit}): ${JSON.stringify(last)}`, { cause: error });
  }
  return hit ?? 'passed';
}

describe.each(Object.entries(OPERATIONS))('R6 %s', (_, operation) => {
  it.each(FAULTS)(
    'stands every call of AWS being %s',
    async (fault) => {
      if (operation.tellsApart?.includes(fault)) return;
      const hits: string[] = [];
      for (let at = 0; at < CALLS_MAX; at += 1) {
        const hit = await suffer(operation, fault, at);
        if (hit === undefined) break;
        hits.push(hit);
      }
      expect(hits.length).toBeGreaterThan(1);
      expect(hits.length).toBeLessThan(CALLS_MAX);
      expect(breachesIn(await itemsOf(table, tenant.name))).toEqual([]);
      const found = await foundIn(tenant.name, fault.startsWith('killed'));
      expect(found).toMatchObject({ drift: [], lostCredentials: { found: 0 } });
      // A killed process may leave a Cognito user behind: the reconciliation alone finds it, and puts it right.
      if (!fault.startsWith('killed')) expect(found.orphans.users).toEqual([]);
      else expect((await foundIn(tenant.name, false)).orphans.users).toEqual([]);
    },
    240_000,
  );
});

test('a creation in two writes is caught: the checks can fail', async () => {
  const other = await newTenant();
  await newEmployee(other, { userType: 'Employee' });
  const items = await itemsOf(table, other.name);
  expect(breachesIn(items)).toEqual([]);
  const login = items.findLast((item) => item.type === 'login');
  expect(breachesIn(items.filter((item) => item !== login))).not.toEqual([]);
  const licences = items.map((item) =>
    item.type === 'licences' ? { ...item, used: Number(item.used) + 1 } : item,
  );
  expect(breachesIn(licences)).toEqual(['licences: stored 3, counted 2']);
  const halved = items.filter((item) => item.type !== 'employee' || item.userType !== 'Employee');
  expect(breachesIn(halved).length).toBeGreaterThan(2);
});
