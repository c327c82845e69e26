import { endpoint } from '../../shared/http/call.ts';
import { type Form, isOurForm, openForm } from '../../shared/http/forms.ts';
import { beginTotp } from '../../shared/identity/second-factor.ts';
import { beginSignIn, type NextStep } from '../../shared/identity/sign-in.ts';
import type { CredentialRefusal } from '../../shared/refusal.ts';
import { gatewaySignIn } from '../../shared/routes/gateway.ts';
import { granted } from '../../shared/rules/decision.ts';
import { type GatewayRefusal, maySignInAtGateway } from '../../shared/rules/gateway.ts';
import { emptyFields, show, showIncomplete, showRefusal } from '../../shared/screens/screens.ts';
import { readEmployee } from '../../shared/store/employees.ts';
import { beginSession, checkedAt, keepPending } from './begin-session.ts';
import type { At, Deps } from './deps.ts';
import { AT_SIGN_IN, keyPage } from './enrol-page.ts';
import { gatewayPage, noUiAccessPage, turnedAwayPage } from './gateway-page.ts';

export const gatewaySignInEndpoint = (deps: Deps) =>
  endpoint(gatewaySignIn, async (call) => {
    const { origin, now } = call;
    const { company, userName, password, formToken } = call.body;
    const form = openForm(call);
    const again = (message: string) => gatewayPage({ form, company, userName, message });
    if (!isOurForm(call, formToken, deps.publicUrl)) {
      return showRefusal({ reason: 'form_not_ours' }, again, form.setCookies);
    }
    const errors = emptyFields(
      { company, userName, password },
      {
        company: 'Enter the company.',
        userName: 'Enter the user name.',
        password: 'Enter the password, or choose Reset password.',
      },
    );
    if (errors) return showIncomplete(gatewayPage({ form, company, userName, errors }), form.setCookies);
    const credentials = { company, userName, password };
    const attempt = { credentials, action: 'gateway.sign-in', origin, now } as const;
    const { decision, next } = await beginSignIn(deps.table, deps.pool, attempt, maySignInAtGateway);
    if (next !== undefined) return goOn(deps, next, form, call);
    if (!decision.ok) return turnAway(decision.refusal, { form, company, userName });
    const { tenant, login, secondFactorPassed, newNetwork } = decision.value;
    const session = await beginSession(
      deps,
      {
        employee: { tenant: tenant.tenant, id: login.employeeId, userName },
        generation: login.generation ?? '',
        secondFactorPassed,
        newNetwork,
        signedInAtEpochSeconds: checkedAt(now, tenant, login),
      },
      call,
    );
    return session.ok
      ? granted({ page: { status: 303, location: '/account', setCookies: session.value } })
      : showRefusal(session.refusal, again);
  });

/** The password was right, and is not enough: no session before the second factor (M2). */
async function goOn({ table, pool }: Deps, next: NextStep, form: Form, { now }: At) {
  const employee = await readEmployee(table, next.tenant.tenant, next.login.employeeId);
  if (employee === undefined) throw new Error('A sign-in name without its employee');
  const who = { tenant: next.tenant, employee };
  const { due, newNetwork } = next;
  if (due === 'code') {
    const { cognitoSession } = next;
    const cookie = await keepPending(table, who, { due, newNetwork, cognitoSession }, now);
    return granted({ page: { status: 303, location: '/sign-in/code', setCookies: [cookie] } });
  }
  const secret = await beginTotp(pool, next.tokens.accessToken);
  const cookie = await keepPending(table, who, { due, newNetwork }, now);
  const page = keyPage({ form, who, secret, place: AT_SIGN_IN });
  return show(page, { setCookies: [...form.setCookies, cookie] });
}

/** Before the right password: the form again. After it: why it opens nothing here. */
function turnAway(
  refusal: GatewayRefusal | CredentialRefusal,
  page: { readonly form: Form; readonly company: string; readonly userName: string },
) {
  switch (refusal.reason) {
    case 'no_ui_access':
      return showRefusal(refusal, (message) => noUiAccessPage({ ...page, message }));
    case 'tenant_suspended':
    case 'account_inactive':
    case 'sso_only':
      return showRefusal(refusal, (message) => turnedAwayPage(page.company, message));
    default:
      return showRefusal(refusal, (message) => gatewayPage({ ...page, message }));
  }
}
