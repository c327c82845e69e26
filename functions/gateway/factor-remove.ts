import { systemClock } from '../../shared/clock.ts';
import { endpoint } from '../../shared/http/call.ts';
import { clearedSessionCookie } from '../../shared/http/session.ts';
import { cognitoUserName } from '../../shared/identity/cognito-user.ts';
import { switchTotp } from '../../shared/identity/second-factor.ts';
import { factorRemove } from '../../shared/routes/gateway.ts';
import { show } from '../../shared/screens/screens.ts';
import { removeFactor } from '../../shared/store/second-factors.ts';
import { confirmFactor, factorChangedMeanwhile } from './confirm-factor.ts';
import type { Deps } from './deps.ts';
import { factorGonePage } from './gateway-page.ts';

export const factorRemoveEndpoint = (deps: Deps) =>
  endpoint(factorRemove, async (call) => {
    const refusal = await confirmFactor(deps, call, 'factor.remove');
    if (refusal) return refusal;
    const { employee } = call.actor;
    const { tenant, id, generation } = employee;
    if (generation === undefined) throw new Error('Somebody without a password is signed in');
    const removed = await removeFactor(deps.table, employee, 'factor-removed', {
      tenant,
      at: systemClock(),
      action: 'factor.remove',
      outcome: 'done',
      actor: { kind: 'owner', id },
      origin: call.origin,
      employeeId: id,
    });
    if (!removed) return factorChangedMeanwhile(call);
    await switchTotp(deps.pool, cognitoUserName({ tenant, employeeId: id, generation }), false);
    return show(factorGonePage(tenant), { setCookies: [clearedSessionCookie()] });
  });
