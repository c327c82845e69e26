import { expect } from 'vitest';
import { type Reply, request, type Tenant } from './world.ts';

export const ROLES_PATH = '/v2/admin/security/roles';

export type Role = {
  id: number;
  name: string;
  isActive: boolean;
  isSystem: boolean;
  isExternal: boolean;
  apiAccess: boolean;
  rights: Record<string, string[]>;
};

export const createRole = (tenant: Pick<Tenant, 'admin'>, body: object): Promise<Reply> =>
  request('POST', ROLES_PATH, { token: tenant.admin, body });

export async function newRole(tenant: Tenant, body: object = {}): Promise<Role> {
  const reply = await createRole(tenant, { name: `Role ${crypto.randomUUID()}`, ...body });
  expect(reply.error).toBeNull();
  return reply.result as Role;
}

export async function rolesOf(token: string, query = ''): Promise<Role[]> {
  const reply = await request('GET', `${ROLES_PATH}?PageSize=200${query}`, { token });
  expect(reply.error).toBeNull();
  return reply.result as Role[];
}
