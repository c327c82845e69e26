import { afterAll, beforeAll, expect, it } from 'vitest';
import { builtInRoles } from '../../shared/rules/built-in-roles.ts';
import type { TenantItem } from '../../shared/store/items.ts';
import { TENANT_LIST_PARTITION, tenantKey } from '../../shared/store/keys.ts';
import { packRoles } from '../../shared/store/role-digest.ts';
import { batchWrite, type Table } from '../../shared/store/table.ts';
import { listTenants, readTenant } from '../../shared/store/tenants.ts';
import { capacityMeter } from '../support/capacity.ts';
import { ownTable } from '../support/own-table.ts';

const [FEW, MANY] = [10, 10_000];
/** The most that one BatchWriteItem takes is 25. */
const BATCH = 25;
const PAGE = 5;

let table: Table;
let close: () => Promise<void>;
let costOf: ReturnType<typeof capacityMeter>;
beforeAll(async () => {
  ({ table, close } = await ownTable());
  await seed(0, FEW);
  costOf = capacityMeter(table.client);
});
afterAll(() => close());

const nameOf = (at: number) => `company-${String(at).padStart(5, '0')}`;

async function seed(from: number, to: number): Promise<void> {
  const roles = packRoles(Object.fromEntries(builtInRoles().map((role) => [String(role.id), role])));
  const items = Array.from({ length: to - from }, (_, offset) => {
    const tenant = nameOf(from + offset);
    const item: Omit<TenantItem, 'roles'> = {
      ...{ schema: 1, type: 'tenant', tenant, company: tenant, timeZone: 'Etc/UTC', active: true },
      ...{ requireMfa: false, activeAdministrators: 1, rolesVersion: 1, auditKey: 'a'.repeat(22) },
      ...{ version: 1, createdOn: '2026-01-31T12:00:00.000Z' },
    };
    const listed = { subjectPK: TENANT_LIST_PARTITION, subjectSK: tenant };
    return { ...tenantKey(tenant), ...item, roles, ...listed };
  });
  for (let at = 0; at < items.length; at += BATCH) await batchWrite(table, items.slice(at, at + BATCH));
}

async function costs() {
  const page = (after?: string) => async () => {
    expect((await listTenants(table, PAGE, after)).items).toHaveLength(PAGE);
  };
  return {
    firstPage: await costOf(page()),
    pageByCursor: await costOf(page(nameOf(3))),
    oneTenant: await costOf(() => readTenant(table, nameOf(3))),
  };
}

it('P9: a page of tenants and a tenant take the same among 10 and among 10,000', {
  timeout: 300_000,
}, async () => {
  const few = await costs();
  expect(few.firstPage.units).toBeGreaterThan(0);
  await seed(FEW, MANY);
  expect(await costs()).toEqual(few);
  expect(await countAll()).toBe(MANY);
});

async function countAll(): Promise<number> {
  let listed = 0;
  let cursor: string | undefined;
  do {
    const page = await listTenants(table, 1000, cursor);
    listed += page.items.length;
    cursor = page.lastKey && page.items.at(-1)?.tenant;
  } while (cursor !== undefined);
  return listed;
}
