import { randomBytes, randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { signedFetch } from '../../infra/cli/signed-fetch.ts';
import { Browser, formField, readInbox } from '../../infra/local/clients.ts';
import { iamIdentity } from '../../infra/local/operator.ts';
import { isAwsError } from '../../shared/aws/json-client.ts';
import { idempotencyKey, type Key, resetKey } from '../../shared/store/keys.ts';
import { toAttributes } from '../../shared/store/table.ts';
import { newPerson } from '../support/people.ts';
import {
  fetchToken,
  mailedLink,
  newApiAccount,
  newEmployee,
  operatorRequest,
  PASSWORD,
  ROLES,
  request,
  stack,
  type Tenant,
} from '../support/world.ts';
import type { Fault } from './faulty-aws.ts';
import { plainDeps } from './invariants.ts';

/** What a client sees of one try. */
export type Seen = { readonly status: number; readonly reason?: string | undefined };

/**
 * A changing operation as a client makes it. `prepare` sets a scene past the faults; `send` is one try, the same each
 * time; `settled` says of the last answer whether a client may stop there; `verify` looks past the faults at what
 * became of it.
 */
export type Operation = {
  /** Faults that are no faults to it: a company whose key is there already is another company. */
  readonly tellsApart?: readonly Fault[];
  readonly prepare: (tenant: Tenant) => Promise<{
    readonly send: (url: string) => Promise<Seen>;
    readonly verify: (last: Seen) => Promise<void>;
    /** Lets the time pass that a killed process holds things for. */
    readonly waitOutLease?: () => Promise<void>;
  }>;
};

const adminOf = (tenant: Tenant) => `${tenant.name}\n${tenant.adminId}`;
const OPERATOR_ARN = iamIdentity(stack.operator).userArn;
const tag = () => randomBytes(5).toString('hex');

const apiCall =
  (token: string, method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  async (url: string): Promise<Seen> => {
    const csv = typeof body === 'string';
    const reply = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': csv ? 'text/csv' : 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: csv ? body : JSON.stringify(body) }),
    });
    const { error } = (await reply.json()) as { error?: { reason?: string } | null };
    return { status: reply.status, reason: error?.reason };
  };

const operatorCall =
  (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  async (url: string): Promise<Seen> => {
    const { operator } = stack;
    const reply = await signedFetch(`${url}${path}`, {
      method,
      credentials: operator,
      region: operator.region,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const { error } = (await reply.json()) as { error?: { reason?: string } | null };
    return { status: reply.status, reason: error?.reason };
  };

/** A lease that a killed process left behind, as if its time had passed. */
async function runOut(key: Key): Promise<void> {
  const { table } = plainDeps();
  const update = {
    TableName: table.name,
    Key: toAttributes(key),
    UpdateExpression: 'SET leaseUntil = :over',
    ConditionExpression: 'attribute_exists(leaseUntil)',
    ExpressionAttributeValues: { ':over': { N: '1' } },
  };
  await table.client.call('UpdateItem', update).catch((error: unknown) => {
    if (!isAwsError(error, 'ConditionalCheckFailedException')) throw error;
  });
}
const runOutKey = (actor: string, operation: string, key: string) => () =>
  runOut(idempotencyKey({ actor, operation, key }));

async function named(tenant: Tenant, userName: string) {
  const { result } = await request('GET', `/v2/hr/employees?Filter.Text=${userName}`, {
    token: tenant.admin,
  });
  return (result as { userName: string }[]).filter((one) => one.userName === userName).length;
}
async function employee(tenant: Tenant, id: number) {
  const reply = await request('GET', `/v2/hr/employees/${id}`, { token: tenant.admin });
  return reply.result as { isActive: boolean; jobTitle: string | null } | null;
}

function creation(keyed: boolean): Operation {
  return {
    prepare: async (tenant) => {
      const userName = `made-${tag()}`;
      const body = {
        ...{ userName, userType: 'Employee', firstName: 'M', lastName: 'Ade' },
        ...{ emailAddress: `${userName}@made.example`, securityRoleIds: [ROLES.user] },
      };
      const key = randomUUID();
      const headers: Record<string, string> = keyed ? { 'idempotency-key': key } : {};
      return {
        send: apiCall(tenant.admin, 'POST', '/v2/hr/employees', body, headers),
        waitOutLease: runOutKey(adminOf(tenant), 'POST /v2/hr/employees', key),
        verify: async (last) => {
          if (keyed) expect(last).toEqual({ status: 200, reason: undefined });
          else expect([undefined, 'user_name_taken']).toContain(last.reason);
          expect(await named(tenant, userName)).toBe(1);
        },
      };
    },
  };
}

function switching(active: boolean): Operation {
  return {
    prepare: async (tenant) => {
      const { id } = await newEmployee(tenant, { userType: 'Employee', isActive: !active });
      return {
        send: apiCall(tenant.admin, 'POST', `/v2/hr/employees/${id}/${active ? 'activate' : 'deactivate'}`),
        verify: async (last) => {
          expect(last.status).toBe(200);
          expect((await employee(tenant, id))?.isActive).toBe(active);
        },
      };
    },
  };
}

/** A link in a browser, at the form; posted as often as need be. */
async function atTheForm(link: string, url: string, password: string): Promise<Seen> {
  const browser = new Browser();
  const screen = await browser.get(link);
  if (screen.status !== 200) return { status: screen.status, reason: textOf(screen.html) };
  const formToken = formField(screen.html, 'formToken');
  const here = new URL(url);
  const page = await browser.post(`${here.origin}/password/new`, {
    ...{ password, confirmation: password, formToken },
  });
  return { status: page.status, reason: page.status === 200 ? undefined : textOf(page.html) };
}
const textOf = (html: string) =>
  html.replaceAll(/<style[\s\S]*?<\/style>|<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ');

function redeeming(again: boolean): Operation {
  return {
    prepare: async (tenant) => {
      const bot = again
        ? await newApiAccount(tenant)
        : await newEmployee(tenant, { securityRoleIds: [ROLES.serviceDeskManager], sendInstructions: true });
      if (again) {
        await request('POST', `/v2/hr/employees/${bot.id}/resetinstructions`, { token: tenant.admin });
      }
      const link = await mailedLink(bot.emailAddress, again ? 2 : 1);
      const [id = ''] = (new URL(link).searchParams.get('link') ?? '').split('.');
      const password = `${PASSWORD} ${tag()}`;
      const user = `${tenant.name}\\${bot.userName}`;
      return {
        // The screen comes from the stack, its cookie goes to the front with faults.
        send: (url) => atTheForm(link.replace(stack.url, url), url, password),
        waitOutLease: () => runOut(resetKey(id)),
        verify: async (last) => {
          // The link was used by the first try, or by a later one; either way this is the password now.
          if (last.status !== 200)
            expect(last.reason).toMatch(/already been used|has been used|already used/i);
          expect((await fetchToken(user, password)).reason).toBeUndefined();
          const second = await atTheForm(link, stack.url, `${PASSWORD} once more`);
          expect(second.status).not.toBe(200);
          expect((await fetchToken(user, `${PASSWORD} once more`)).reason).toBe('credentials_wrong');
        },
      };
    },
  };
}

export const OPERATIONS: Readonly<Record<string, Operation>> = {
  'a creation under a key': creation(true),
  'a creation without a key': creation(false),
  'an activation': switching(true),
  'a deactivation': switching(false),
  'an edit': {
    prepare: async (tenant) => {
      const { id } = await newEmployee(tenant, { userType: 'Employee' });
      const change = { jobTitle: 'Edited', securityRoleIds: [ROLES.user, ROLES.projectManager] };
      return {
        send: apiCall(tenant.admin, 'PATCH', `/v2/hr/employees/${id}`, change),
        verify: async (last) => {
          expect(last.status).toBe(200);
          expect((await employee(tenant, id))?.jobTitle).toBe('Edited');
        },
      };
    },
  },
  'a deletion': {
    prepare: async (tenant) => {
      const { id } = await newPerson(tenant);
      return {
        send: apiCall(tenant.admin, 'DELETE', `/v2/hr/employees/${id}`),
        verify: async (last) => {
          expect([undefined, 'employee_unknown']).toContain(last.reason);
          expect(await employee(tenant, id)).toBeNull();
        },
      };
    },
  },
  'Reset and send instructions': {
    prepare: async (tenant) => {
      const { id, emailAddress } = await newEmployee(tenant);
      const key = randomUUID();
      const headers = { 'idempotency-key': key };
      const path = `/v2/hr/employees/${id}/resetinstructions`;
      return {
        waitOutLease: runOutKey(adminOf(tenant), 'POST /v2/hr/employees/{id}/resetinstructions', key),
        send: apiCall(tenant.admin, 'POST', path, undefined, headers),
        verify: async (last) => {
          expect(last.status).toBe(200);
          await mailedLink(emailAddress);
          const mails = (await readInbox(stack.inboxUrl)).filter(({ to }) => to.includes(emailAddress));
          expect(mails).toHaveLength(1);
        },
      };
    },
  },
  'a first password by link': redeeming(false),
  'another password by link': redeeming(true),
  'a password by hand of an admin': {
    prepare: async (tenant) => {
      const person = await newPerson(tenant);
      const password = `${PASSWORD} ${tag()}`;
      return {
        send: apiCall(tenant.admin, 'PUT', `/v2/hr/employees/${person.id}/password`, { password }),
        verify: async (last) => {
          expect(last.status).toBe(200);
          expect((await fetchToken(person.user, password)).reason).toBeUndefined();
        },
      };
    },
  },
  'a revocation': {
    prepare: async (tenant) => {
      const { id } = await newEmployee(tenant);
      return {
        send: apiCall(tenant.admin, 'POST', `/v2/hr/employees/${id}/revoke`),
        verify: async (last) => expect(last.status).toBe(200),
      };
    },
  },
  'a new role': {
    prepare: async (tenant) => {
      const name = `role ${tag()}`;
      return {
        send: apiCall(tenant.admin, 'POST', '/v2/admin/security/roles', { name, apiAccess: true }),
        verify: async (last) => {
          expect([undefined, 'role_name_taken']).toContain(last.reason);
          const { result } = await request('GET', '/v2/admin/security/roles', { token: tenant.admin });
          const there = (result as { id: number; name: string }[]).filter((role) => role.name === name);
          expect(there).toHaveLength(1);
          // A company has room for 200.
          await request('DELETE', `/v2/admin/security/roles/${there[0]?.id}`, { token: tenant.admin });
        },
      };
    },
  },
  'an import': {
    prepare: async (tenant) => {
      const names = [1, 2, 3].map(() => `row-${tag()}`);
      const rows = names.map((name) => `${name},API Employee,R,Ow\n`);
      const csv = `userName,userType,firstName,lastName\n${rows.join('')}`;
      return {
        send: apiCall(tenant.admin, 'POST', `/v2/hr/employees/import?ImportId=${randomUUID()}`, csv),
        verify: async (last) => {
          expect(last.status).toBe(200);
          for (const name of names) expect(await named(tenant, name)).toBe(1);
        },
      };
    },
  },
  'a new company': {
    tellsApart: ['told of a failed condition'],
    prepare: async () => {
      const company = `faulty-${tag()}`;
      const administrator = {
        userName: 'ada',
        firstName: 'A',
        lastName: 'B',
        emailAddress: `${company}@x.example`,
      };
      const key = randomUUID();
      const headers = { 'idempotency-key': key };
      return {
        waitOutLease: runOutKey(`operator\n${OPERATOR_ARN}`, 'POST /v2/platform/tenants', key),
        send: operatorCall('POST', '/v2/platform/tenants', { company, licences: 2, administrator }, headers),
        verify: async (last) => {
          expect(last.status).toBe(200);
          expect((await operatorRequest('GET', `/v2/platform/tenants/${company}`)).status).toBe(200);
        },
      };
    },
  },
};
