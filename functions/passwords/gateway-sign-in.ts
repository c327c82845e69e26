import { endpoint } from '../../shared/http/call.ts';
import { signIn } from '../../shared/identity/sign-in.ts';
import type { CredentialRefusal } from '../../shared/refusal.ts';
import { gatewaySignIn } from '../../shared/routes/passwords.ts';
import { type GatewayRefusal, maySignInAtGateway } from '../../shared/rules/gateway.ts';
import { readEmployee } from '../../shared/store/employees.ts';
import type { Deps } from './deps.ts';
import { type Form, isOurForm, openForm } from './forms.ts';
import { gatewayPage, noUiAccessPage, signedInPage, turnedAwayPage } from './gateway-page.ts';
import { emptyFields, show, showIncomplete, showRefusal } from './screens.ts';

/** Said to people: that software needs no second factor is of no use to them. */
const SECOND_FACTOR_MISSING =
  'The password is right, but a second factor is needed too, and this page cannot ask for one yet.';

export const gatewaySignInEndpoint = ({ table, pool, publicUrl }: Deps) =>
  endpoint(gatewaySignIn, async (call) => {
    const { origin, now } = call;
    const { company, userName, password, formToken } = call.body;
    const form = openForm(call);
    const again = (message: string) => gatewayPage({ form, company, userName, message });
    if (!isOurForm(call, formToken, publicUrl)) {
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
    const signedIn = await signIn(table, pool, attempt, maySignInAtGateway);
    if (!signedIn.ok) return turnAway(signedIn.refusal, { form, company, userName });
    const { tenant, login, tokens } = signedIn.value;
    if (tokens === undefined) return turnAway({ reason: 'mfa_required' }, { form, company, userName });
    const employee = await readEmployee(table, tenant.tenant, login.employeeId);
    const name = employee ? `${employee.firstName} ${employee.lastName}` : userName;
    return show(signedInPage(name, tenant.company));
  });

/** Before the right password: the form again. After it: why it opens nothing here. */
function turnAway(
  refusal: GatewayRefusal | CredentialRefusal,
  page: { readonly form: Form; readonly company: string; readonly userName: string },
) {
  switch (refusal.reason) {
    case 'no_ui_access':
      return showRefusal(refusal, (message) => noUiAccessPage({ ...page, message }));
    case 'mfa_required':
      return showRefusal(refusal, () => turnedAwayPage(page.company, SECOND_FACTOR_MISSING));
    case 'tenant_suspended':
    case 'account_inactive':
      return showRefusal(refusal, (message) => turnedAwayPage(page.company, message));
    default:
      return showRefusal(refusal, (message) => gatewayPage({ ...page, message }));
  }
}
