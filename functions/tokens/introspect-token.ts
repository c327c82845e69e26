import { epochSeconds } from '../../shared/clock.ts';
import { loadTokenUse } from '../../shared/http/bearer.ts';
import { endpoint } from '../../shared/http/call.ts';
import { introspectToken as route } from '../../shared/routes/oauth.ts';
import { granted, refused } from '../../shared/rules/decision.ts';
import { accessTokenEnd, signInEnd } from '../../shared/rules/lifetimes.ts';
import { hasRight } from '../../shared/rules/rights.ts';
import { auditItem } from '../../shared/store/audit.ts';
import { putItem } from '../../shared/store/table.ts';
import { authenticateCaller } from './caller.ts';
import type { Deps } from './deps.ts';
import { findToken } from './find-token.ts';

const VIEW_SECURITY = { module: 'security', action: 'view' } as const;
/** RFC 7662 2.2: of a token that does not count nothing else is said. */
const INACTIVE = granted({ json: { active: false } });

export const introspectTokenEndpoint = (deps: Deps) =>
  endpoint(route, async (call) => {
    const caller = await authenticateCaller(deps, call, route.operationId);
    if (!caller.ok) return caller;
    if (!hasRight(caller.value.roles, VIEW_SECURITY)) {
      const record = auditItem({
        tenant: caller.value.tenant,
        at: call.now,
        action: 'request.refused',
        outcome: 'refused',
        reason: 'right_missing',
        actor: caller.value.actor,
        origin: call.origin,
        employeeId: caller.value.employeeId,
        details: { operation: route.operationId },
      });
      await putItem(deps.table, record);
      return refused({ reason: 'right_missing', right: VIEW_SECURITY });
    }
    const found = await findToken(deps, call.body.token, 'live only');
    if (found === undefined || found.account.tenant !== caller.value.tenant) return INACTIVE;
    const { originJti, account } = found;
    const authTime = found.kind === 'access' ? found.claims.auth_time : found.family.authTime;
    const times = found.kind === 'access' ? { iat: found.claims.iat, exp: found.claims.exp } : {};
    const claims = { origin_jti: originJti, auth_time: authTime, ...times };
    const use = await loadTokenUse(deps.table, claims, account);
    if (!use.ok || use.value.outlived) return INACTIVE;
    const { tenant, employee } = use.value;
    const user = `${tenant.tenant}\\${employee.userName}`;
    const about = {
      active: true,
      username: user,
      client_id: user,
      tenant: tenant.tenant,
      employee_id: employee.id,
      user_type: employee.userType,
    };
    if (found.kind === 'access') {
      const { iat, sub, iss } = found.claims;
      const exp = accessTokenEnd(tenant, {
        issuedAtEpochSeconds: iat,
        authTimeEpochSeconds: authTime,
        expiresAtEpochSeconds: found.claims.exp,
      });
      return granted({ json: { ...about, token_type: 'Bearer', exp, iat, sub, iss } });
    }
    const { live } = found.family;
    const until = signInEnd(tenant, found.family);
    if (!live.includes(found.hash) || until <= epochSeconds(call.now)) return INACTIVE;
    return granted({ json: { ...about, exp: until } });
  });
