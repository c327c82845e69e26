import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { systemClock } from '../clock.ts';
import { parseCognitoUser } from '../identity/cognito-user.ts';
import type { Refusal } from '../refusal.ts';
import type { Route } from '../routes/route.ts';
import { tenantSlug } from '../rules/names.ts';
import { type AuditRecord, auditItem, NO_TENANT, type Origin } from '../store/audit.ts';
import { tenantItem } from '../store/items.ts';
import { tenantKey } from '../store/keys.ts';
import { countCall } from '../store/quota.ts';
import { getItem, putItem, type Table } from '../store/table.ts';
import { countThrottled } from '../store/throttled.ts';
import { companyNamed } from './basic.ts';
import { readBody } from './input.ts';
import type { TokenVerifier } from './token-verifier.ts';

/** Told of every refusal of a call whose caller is not known. */
export type OnStranger = (
  refusal: Refusal,
  route: Route,
  event: APIGatewayProxyEventV2,
  origin: Origin,
) => Promise<void>;

/**
 * Records in an hour of all strangers of one network, or of one account in it. Further refusals only count up one
 * record a minute.
 */
const RECORDS_PER_HOUR = 60;
/** No employee has this id. */
const NOBODY = 0;

/** Refusals that the check of a password or of a refresh token, or the endpoint, has recorded by itself. */
const RECORDED: ReadonlySet<Refusal['reason']> = new Set([
  'credentials_wrong',
  'grant_credentials_wrong',
  'throttled',
  'mfa_code_wrong',
  'mfa_required',
  'mfa_enrollment_required',
  'sso_only',
  'no_role',
  'role_without_api_access',
  'account_inactive',
  'tenant_suspended',
  'refresh_token_invalid',
  'refresh_token_used',
  'token_of_another',
  'right_missing',
] as const);

/**
 * Records a refusal in the log of the company that the caller named: in a token whose signature is ours, in the
 * credentials, or in the body. Its admins find it by the correlation id that the integrator was given (M17).
 * Nothing that was typed is kept. Where no company is named, no company's log can tell.
 */
export function auditStrangers(table: Table, verifier: TokenVerifier): OnStranger {
  return async (refusal, route, event, origin) => {
    if (RECORDED.has(refusal.reason)) return;
    const named = await namedBy(verifier, route, event);
    if (named === undefined) return;
    const known = await getItem(table, tenantKey(named.tenant), tenantItem);
    const tenant = known?.tenant ?? NO_TENANT;
    const now = systemClock();
    const record = {
      tenant,
      at: now,
      action: 'request.refused',
      outcome: 'refused',
      reason: refusal.reason,
      actor: { kind: 'owner', ...(known ? { id: named.employeeId } : {}) },
      origin,
      ...(known ? { employeeId: named.employeeId } : {}),
      details: { operation: route.operationId },
    } as const;
    await recordSparingly(table, record, { employeeId: NOBODY, network: origin.network }, known?.createdOn);
  };
}

/** Records a refusal that changes nothing; above so many an hour of one sender in one network it only counts up. */
export async function recordSparingly(
  table: Table,
  record: AuditRecord,
  { employeeId, network }: { readonly employeeId: number; readonly network: string },
  companyBegan: string | undefined,
): Promise<void> {
  const counted = { tenant: record.tenant, employeeId, operationId: `refused#${network}` };
  const calls = await countCall(table, counted, record.at);
  if (calls !== undefined && calls <= RECORDS_PER_HOUR) await putItem(table, auditItem(record));
  else await countThrottled(table, record, network, companyBegan);
}

type Named = { readonly tenant: string; readonly employeeId?: number };

async function namedBy(
  verifier: TokenVerifier,
  route: Route,
  event: APIGatewayProxyEventV2,
): Promise<Named | undefined> {
  const { authorization } = event.headers;
  const token = /^\s*bearer\s+(\S+)/i.exec(authorization ?? '')?.[1];
  if (token !== undefined) {
    const claims = await verifier.verifyExpired(token).catch(() => undefined);
    return claims && parseCognitoUser(claims.username);
  }
  const company = companyNamed(authorization) ?? (await companyInBody(route, event));
  const tenant = company === undefined ? '' : tenantSlug(company);
  return tenant === '' ? undefined : { tenant };
}

async function companyInBody(route: Route, event: APIGatewayProxyEventV2): Promise<string | undefined> {
  if (route.body === undefined) return undefined;
  const body = await readBody(route.body, event);
  if (!body.ok || typeof body.value !== 'object' || body.value === null) return undefined;
  const fields = new Map(Object.entries(body.value).map(([name, value]) => [name.toLowerCase(), value]));
  const tenant: unknown = fields.get('tenant');
  if (typeof tenant === 'string') return tenant;
  const clientId: unknown = fields.get('client_id');
  return typeof clientId === 'string' && clientId.includes('\\') ? clientId.split('\\')[0] : undefined;
}
