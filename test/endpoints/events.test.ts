import { readFileSync } from 'node:fs';
import type { DynamoDBRecord } from 'aws-lambda';
import * as v from 'valibot';
import { describe, expect, it, onTestFinished, test, vi } from 'vitest';
import { publishEvents } from '../../functions/fan-out/publish-events.ts';
import type { EventBridgeClient } from '../../shared/aws/eventbridge.ts';
import { EVENT_SOURCE, EVENTS, eventOfChange, TOLD_ACTIONS } from '../../shared/events.ts';
import { auditItem } from '../../shared/store/audit.ts';
import { toAttributes } from '../../shared/store/table.ts';
import {
  choosePassword,
  fetchToken,
  mailedLink,
  newApiAccount,
  newEmployee,
  newTenant,
  operatorRequest,
  PASSWORD,
  ROLES,
  request,
  stack,
  type Tenant,
} from '../support/world.ts';

type Told = {
  readonly source: string;
  readonly 'detail-type': keyof typeof EVENTS;
  readonly time: string;
  readonly detail: { readonly tenant: string; readonly [field: string]: unknown };
};

/** What a rule's target got about the company so far; what came twice (the stream delivers at least once) counts once. */
function told(tenant: Tenant): Told[] {
  const lines = readFileSync(stack.eventsFile, 'utf8').trim().split('\n');
  const events = lines.map((line) => JSON.parse(line) as Told);
  const own = events.filter(({ detail }) => detail.tenant === tenant.name);
  return [...new Map(own.map((event) => [event.detail.id, event])).values()];
}
const kinds = (tenant: Tenant) => told(tenant).map((event) => event['detail-type']);

describe('what happens to an account is told on the event bus', () => {
  it('from its creation to its end, by number alone', async () => {
    const tenant = await newTenant();
    const bot = await newApiAccount(tenant);
    const at = `/v2/hr/employees/${bot.id}`;
    const asAdmin = (method: string, path: string, body?: unknown) =>
      request(method, path, { token: tenant.admin, ...(body === undefined ? {} : { body }) });
    await asAdmin('PATCH', at, { jobTitle: 'Bridge of billing' });
    await asAdmin('PATCH', at, { isActive: false });
    await asAdmin('POST', `${at}/activate`);
    await asAdmin('POST', `${at}/deactivate`);
    await asAdmin('POST', `${at}/revoke`);
    await asAdmin('DELETE', at);
    await asAdmin('PATCH', '/v2/admin/mycompany', { timeZone: 'Europe/Berlin' });
    await operatorRequest('PATCH', `/v2/platform/tenants/${tenant.name}`, { licences: 9 });
    await operatorRequest('POST', `/v2/platform/tenants/${tenant.name}/suspend`);
    const wanted = [
      ['Account Created', {}],
      ['Account Created', { userType: 'API Employee' }],
      ['Account Activated', {}],
      ['Account Changed', { fields: ['jobTitle'] }],
      ['Account Deactivated', {}],
      ['Account Deactivated', {}],
      ['Account Deleted', {}],
      ['Account Revoked', {}],
      ['Company Changed', { fields: ['timeZone'] }],
      ['Credential Set', { by: 'link' }],
      ['Credential Set', { by: 'link' }],
      ['Role Changed', { roleId: ROLES.serviceDeskManager, change: 'updated' }],
      ['Tenant Changed', { change: 'created' }],
      ['Tenant Changed', { change: 'licences' }],
      ['Tenant Changed', { change: 'suspended' }],
    ] as const;
    await expect
      .poll(() => kinds(tenant).sort(), { timeout: 10_000 })
      .toEqual(wanted.map(([kind]) => kind).sort());
    const events = told(tenant);
    for (const [type, fields] of wanted) {
      const detail = expect.objectContaining({ version: 1, tenant: tenant.name, ...fields });
      expect(events).toContainEqual(
        expect.objectContaining({ source: EVENT_SOURCE, 'detail-type': type, detail }),
      );
    }
    for (const event of events) v.parse(EVENTS[event['detail-type']].detail, event.detail);
    const text = JSON.stringify(events);
    for (const secret of [bot.userName, bot.emailAddress, 'alice', PASSWORD, '127.0.0.1', 'arn:']) {
      expect(text).not.toContain(secret);
    }
  });

  it('a burst of wrong passwords once; single ones, tokens and refused changes never', async () => {
    const tenant = await newTenant();
    const bot = await newApiAccount(tenant);
    for (let guess = 0; guess < 5; guess += 1) await fetchToken(bot.user, `not the password ${guess}`);
    await request('PATCH', `/v2/hr/employees/${bot.id}`, {
      token: tenant.admin,
      body: { userType: 'Employee' },
    });
    const bursts = () => told(tenant).filter((event) => event['detail-type'] === 'Tokens Refused In Burst');
    await expect.poll(() => bursts().length, { timeout: 10_000 }).toBe(1);
    expect(bursts()[0]?.detail).toMatchObject({ employeeId: bot.id, actor: { kind: 'system' } });
    expect(kinds(tenant)).not.toContain('Account Changed');
  });

  it('of a replaced password too, with the Cognito user retired beside it', async () => {
    const tenant = await newTenant();
    const bot = await newEmployee(tenant, { sendInstructions: true });
    await choosePassword(await mailedLink(bot.emailAddress), PASSWORD);
    await request('POST', `/v2/hr/employees/${bot.id}/resetinstructions`, { token: tenant.admin });
    await choosePassword(await mailedLink(bot.emailAddress, 2), `${PASSWORD} anew`);
    const sets = () =>
      told(tenant).filter(
        ({ 'detail-type': type, detail }) => type === 'Credential Set' && detail.employeeId === bot.id,
      );
    await expect.poll(() => sets().length, { timeout: 10_000 }).toBe(2);
  });
});

describe('a bus that takes nothing, or only some', () => {
  const recordOf = (SequenceNumber: string, action: 'employee.revoke' | 'token.issue'): DynamoDBRecord => ({
    eventName: 'INSERT',
    dynamodb: {
      SequenceNumber,
      NewImage: toAttributes(
        auditItem({
          tenant: 'acme',
          at: new Date(),
          action,
          outcome: 'done',
          actor: { kind: 'system' },
          employeeId: 7,
        }),
      ) as never,
    },
  });
  const busOf = (send: (input: { Entries: unknown[] }) => unknown) => ({
    name: 'bus',
    client: { call: async (_: string, input: never) => send(input) } as unknown as EventBridgeClient,
  });
  const numbers = (records: DynamoDBRecord[]) => records.map(({ dynamodb }) => dynamodb?.SequenceNumber);

  it('has the records sent again whose events it did not take', async () => {
    const records = ['1', '2', '3'].map((number) => recordOf(number, 'employee.revoke'));
    const some = busOf(({ Entries }) => ({
      Entries: Entries.map((_, at) => (at === 1 ? { ErrorCode: 'ThrottlingException' } : { EventId: 'id' })),
    }));
    expect(numbers(await publishEvents(some, records))).toEqual(['2']);
    const none = busOf(() => {
      throw new Error('out of order');
    });
    expect(numbers(await publishEvents(none, records))).toEqual(['1', '2', '3']);
    const silent = busOf(() => ({}));
    expect(numbers(await publishEvents(silent, records))).toEqual(['1', '2', '3']);
  });

  it('is given ten at most in one call, and nothing that is not told', async () => {
    const sizes: number[] = [];
    const all = busOf(({ Entries }) => {
      sizes.push(Entries.length);
      return { Entries: Entries.map(() => ({ EventId: 'id' })) };
    });
    const many = Array.from({ length: 12 }, (_, at) => recordOf(String(at), 'employee.revoke'));
    expect(await publishEvents(all, [...many, recordOf('12', 'token.issue')])).toEqual([]);
    expect(sizes).toEqual([10, 2]);
  });

  it('an item of another shape is told of and passed over: nothing waits behind it', async () => {
    const told: unknown[] = [];
    const all = busOf(({ Entries }) => {
      told.push(...Entries);
      return { Entries: Entries.map(() => ({ EventId: 'id' })) };
    });
    const lines = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    onTestFinished(() => lines.mockRestore());
    const odd: DynamoDBRecord = {
      eventName: 'INSERT',
      dynamodb: { SequenceNumber: '9', NewImage: { type: { S: 'audit' } } },
    };
    expect(numbers(await publishEvents(all, [odd, recordOf('10', 'employee.revoke')]))).toEqual([]);
    expect(told).toHaveLength(1);
    expect(lines.mock.calls.map(([line]) => String(line)).join('')).toContain('"EventsDropped":1');
  });
});

test.each(TOLD_ACTIONS)('%s makes an event that its schema knows, and a refused one makes none', (action) => {
  const entry = {
    schema: 1,
    type: 'audit',
    id: 'id',
    at: '2026-01-31T12:00:00.000Z',
    tenant: 'acme',
    action,
    outcome: 'done',
    actor: { kind: 'employee', id: 3, userType: 'Employee' },
    origin: { sourceAddress: '192.0.2.1', userAgent: 'agent', correlationId: 'c' },
    ...(/^(employee|password|factor|mail)\./.test(action) ? { employeeId: 7 } : {}),
    subject: { kind: 'role', id: '5' },
    changes: { userType: { after: 'Employee' } },
  } as const;
  const event = eventOfChange(entry);
  expect(event?.detail).toMatchObject({ id: 'id', actor: { kind: 'employee', id: 3 }, correlationId: 'c' });
  expect(JSON.stringify(event)).not.toContain('192.0.2.1');
  expect(eventOfChange({ ...entry, outcome: 'refused' })).toBeUndefined();
});
