import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as v from 'valibot';
import { readEnvironment } from '../config.ts';
import { errorFields, logError } from '../log.ts';
import type { Route } from '../routes/route.ts';
import { type AuditRecord, auditItem, employeeActor, NO_TENANT } from '../store/audit.ts';
import { tenantItem } from '../store/items.ts';
import { tenantKey } from '../store/keys.ts';
import { batchGet, openTable, putItem, type Table } from '../store/table.ts';
import { type AuthenticateBearer, authenticateBearer } from './bearer.ts';
import type { Endpoint } from './call.ts';
import { httpFunction, type OnRefusal } from './http-function.ts';
import { onceOnly } from './idempotency.ts';
import { auditStrangers, recordSparingly } from './stranger-refusals.ts';
import { tokenVerifier } from './token-verifier.ts';

/** What bearer routes stand on. */
export function bearerDependencies(table: Table) {
  const environment = readEnvironment(['TOKEN_ISSUER', 'TOKEN_JWKS_URI', 'API_CLIENT_ID']);
  const verifier = tokenVerifier({
    issuer: environment.TOKEN_ISSUER,
    jwksUri: environment.TOKEN_JWKS_URI,
    clientId: environment.API_CLIENT_ID,
  });
  const authenticate: AuthenticateBearer = (authorization, operationId) =>
    authenticateBearer(table, verifier, authorization, operationId);
  return { table, verifier, authenticate, onceOnly };
}

/** Init-time work for a function whose calls are bearer calls: the keys, and the connection. */
export async function prepareBearer({
  table,
  verifier,
}: ReturnType<typeof bearerDependencies>): Promise<void> {
  await Promise.all([
    warmUp('keys', () => verifier.hydrate()),
    warmUp('connection', () => openConnection(table)),
  ]);
}

/** One read, of nothing: init runs at full speed, and the first call finds the client built and connected (P3). */
export async function openConnection(table: Table): Promise<void> {
  await batchGet(table, { tenant: { key: tenantKey(NO_TENANT), schema: tenantItem } });
}

/** Init-time work that the first call repeats if it fails here: a cold start never dies of it. */
export async function warmUp(
  what: 'connection' | 'keys' | 'secrets' | 'rehearsal',
  work: () => Promise<unknown>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    logError('init_failed', { reason: what, ...errorFields(error) });
  }
}

/** A capability behind bearer tokens: what is refused leaves an audit record too (M17). */
export async function bearerFunction(routes: readonly Route[], build: (table: Table) => readonly Endpoint[]) {
  const bearer = bearerDependencies(openTable(readEnvironment(['TABLE_NAME']).TABLE_NAME));
  await prepareBearer(bearer);
  return httpFunction({
    routes,
    endpoints: build(bearer.table),
    bearer,
    onRefusal: auditRefusal(bearer.table),
    onStranger: auditStrangers(bearer.table, bearer.verifier),
  });
}

/**
 * Every attempt to change something, and of calls that only read so many an hour: who was refused one of them has a
 * correlation id as well, and its admin looks for it here.
 */
export function auditRefusal(table: Table): OnRefusal {
  return async (refusal, route, actor, event, origin) => {
    if (actor.kind !== 'employee') return;
    const record: AuditRecord = {
      tenant: actor.tenant.tenant,
      at: new Date(),
      action: 'request.refused',
      outcome: 'refused',
      reason: refusal.reason,
      actor: employeeActor(actor.employee),
      origin,
      ...aboutOf(route, event.pathParameters, actor.tenant.tenant),
      details: { operation: route.operationId },
    };
    if (route.method !== 'GET') await putItem(table, auditItem(record));
    else {
      const sender = { employeeId: actor.employee.id, network: origin.network };
      await recordSparingly(table, record, sender, actor.tenant.createdOn);
    }
  };
}

/** On whom or what it was tried: a number of the caller's own company, whether there is such a one or not (M16). */
function aboutOf(
  { subject, params }: Route,
  path: APIGatewayProxyEventV2['pathParameters'],
  tenant: string,
): Pick<AuditRecord, 'employeeId' | 'subject'> {
  if (subject === undefined) return {};
  if (subject.kind === 'company') return { subject: { kind: 'company', id: tenant } };
  const named = params && v.safeParse(params, { ...path });
  const id = named?.success
    ? Object.entries(named.output).find(([name]) => name === subject.param)?.[1]
    : undefined;
  if (typeof id !== 'number') return {};
  return subject.kind === 'employee' ? { employeeId: id } : { subject: { kind: 'role', id: String(id) } };
}
