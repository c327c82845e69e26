import { epochSeconds } from '../../shared/clock.ts';
import { endpoint } from '../../shared/http/call.ts';
import { revokeToken as route } from '../../shared/routes/oauth.ts';
import { granted, refused } from '../../shared/rules/decision.ts';
import { hasRight } from '../../shared/rules/rights.ts';
import { type AuditRecord, auditItem } from '../../shared/store/audit.ts';
import { endFamily } from '../../shared/store/families.ts';
import { putItem } from '../../shared/store/table.ts';
import { authenticateCaller } from './caller.ts';
import type { Deps } from './deps.ts';
import { findToken } from './find-token.ts';

/** RFC 7009: 200 to what is unknown, and to another company's; an access token ends its whole sign-in (2.1). */
export const revokeTokenEndpoint = (deps: Deps) =>
  endpoint(route, async (call) => {
    const caller = await authenticateCaller(deps, call, route.operationId);
    if (!caller.ok) return caller;
    const { tenant, employeeId, roles, actor } = caller.value;
    const found = await findToken(deps, call.body.token, 'expired too');
    if (found === undefined || found.account.tenant !== tenant) return granted({ json: {} });
    const audit: AuditRecord = {
      tenant,
      at: call.now,
      action: 'token.revoke',
      outcome: 'done',
      actor,
      origin: call.origin,
      employeeId: found.account.employeeId,
    };
    const own = found.account.employeeId === employeeId;
    if (!own && !hasRight(roles, { module: 'security', action: 'modify' })) {
      const reason = 'token_of_another';
      await putItem(deps.table, auditItem({ ...audit, outcome: 'refused', reason }));
      return refused({ reason });
    }
    await endFamily(deps.table, found.originJti, epochSeconds(call.now), audit);
    return granted({ json: {} });
  });
