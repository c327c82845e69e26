import { systemClock } from '../../shared/clock.ts';
import { endpoint } from '../../shared/http/call.ts';
import { isOurForm, openForm } from '../../shared/http/forms.ts';
import { clearedSessionCookie } from '../../shared/http/session.ts';
import { cognitoUserName } from '../../shared/identity/cognito-user.ts';
import { switchTotp } from '../../shared/identity/second-factor.ts';
import { factorRemove } from '../../shared/routes/gateway.ts';
import { show, showRefusal } from '../../shared/screens/screens.ts';
import { removeFactor } from '../../shared/store/second-factors.ts';
import { factorOnPage } from './account-pages.ts';
import { confirmPassword } from './confirm-password.ts';
import type { Deps } from './deps.ts';
import { AT_ACCOUNT, startPage } from './enrol-page.ts';
import { factorGonePage } from './gateway-page.ts';

/** By password and code: whoever found the browser open has neither. */
export const factorRemoveEndpoint = (deps: Deps) =>
  endpoint(factorRemove, async (call) => {
    const { actor, body, origin, now } = call;
    const { employee } = actor;
    const form = openForm(call);
    const again = (message: string) => factorOnPage({ form, actor, message });
    if (!isOurForm(call, body.formToken, deps.publicUrl)) {
      return showRefusal({ reason: 'form_not_ours' }, again, form.setCookies);
    }
    const confirmed = await confirmPassword(deps, employee, body, { origin, now }, 'factor.remove');
    if (!confirmed.ok) {
      const { refusal } = confirmed;
      return showRefusal(refusal, (message) => {
        if (refusal.reason === 'throttled') return again(message);
        const wrong = refusal.reason === 'mfa_code_wrong';
        const errors = wrong ? { code: message } : { password: 'The password is wrong.' };
        return factorOnPage({ form, actor, errors });
      });
    }
    if (!confirmed.value.codePassed && employee.secondFactorOn === undefined) {
      const start = (message: string) => startPage({ form, who: actor, place: AT_ACCOUNT, message });
      return showRefusal({ reason: 'factor_not_set' }, start);
    }
    const { tenant, id, generation } = employee;
    if (generation === undefined) throw new Error('Somebody without a password is signed in');
    const removed = await removeFactor(deps.table, employee, 'factor-removed', {
      tenant,
      at: systemClock(),
      action: 'factor.remove',
      outcome: 'done',
      actor: { kind: 'owner', id },
      origin,
      employeeId: id,
    });
    if (!removed) return showRefusal({ reason: 'changed_meanwhile' }, again);
    await switchTotp(deps.pool, cognitoUserName({ tenant, employeeId: id, generation }), false);
    return show(factorGonePage(tenant), { setCookies: [clearedSessionCookie()] });
  });
