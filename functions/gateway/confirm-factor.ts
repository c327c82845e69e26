import type { Call } from '../../shared/http/call.ts';
import { isOurForm, openForm } from '../../shared/http/forms.ts';
import type { factorCodes, factorRemove } from '../../shared/routes/gateway.ts';
import { emptyFields, type show, showIncomplete, showRefusal } from '../../shared/screens/screens.ts';
import type { AuditAction } from '../../shared/store/audit.ts';
import { factorOnPage } from './account-pages.ts';
import { confirmPassword } from './confirm-password.ts';
import type { Deps } from './deps.ts';
import { AT_ACCOUNT, startPage } from './enrol-page.ts';

type Page = ReturnType<typeof show>;

/**
 * Password and code before the factor is touched: whoever found the browser open has neither. Gives the page that
 * refuses, or nothing when both are right.
 */
export async function confirmFactor(
  deps: Deps,
  call: Call<typeof factorCodes> | Call<typeof factorRemove>,
  action: AuditAction,
): Promise<Page | undefined> {
  const { actor, body, origin, now } = call;
  const { employee } = actor;
  const form = openForm(call);
  const start = (message: string) => startPage({ form, who: actor, place: AT_ACCOUNT, message });
  const hasNone = employee.secondFactorOn === undefined;
  const again = hasNone ? start : (message: string) => factorOnPage({ form, actor, message });
  if (!isOurForm(call, body.formToken, deps.publicUrl)) {
    return showRefusal({ reason: 'form_not_ours' }, again, form.setCookies);
  }
  if (hasNone) return showRefusal({ reason: 'factor_not_set' }, start, form.setCookies);
  const empty = emptyFields(
    { password: body.password, code: body.code },
    { password: 'Enter your password.', code: 'Enter the code that your app shows.' },
  );
  if (empty) return showIncomplete(factorOnPage({ form, actor, errors: empty }), form.setCookies);
  const confirmed = await confirmPassword(deps, employee, body, { origin, now }, action);
  if (!confirmed.ok) {
    const { refusal } = confirmed;
    return showRefusal(refusal, (message) => {
      if (refusal.reason === 'throttled') return again(message);
      const wrong = refusal.reason === 'mfa_code_wrong';
      const errors = wrong ? { code: message } : { password: 'The password is wrong.' };
      return factorOnPage({ form, actor, errors });
    });
  }
  // A factor that Cognito does not ask for was lost half-way: it can be taken off, and nothing can be built on it.
  const lost = !confirmed.value.codePassed && action !== 'factor.remove';
  return lost ? showRefusal({ reason: 'factor_not_set' }, start, form.setCookies) : undefined;
}

/** The factor was changed elsewhere in the meantime. */
export function factorChangedMeanwhile(call: Call<typeof factorCodes> | Call<typeof factorRemove>): Page {
  const form = openForm(call);
  return showRefusal({ reason: 'changed_meanwhile' }, (message) =>
    factorOnPage({ form, actor: call.actor, message }),
  );
}
