import { endpoint } from '../../shared/http/call.ts';
import { openForm } from '../../shared/http/forms.ts';
import { accountOf, minimumLengthFor } from '../../shared/identity/account-passwords.ts';
import { newPasswordScreen } from '../../shared/routes/passwords.ts';
import { granted } from '../../shared/rules/decision.ts';
import { show, showRefusal } from '../../shared/screens/screens.ts';
import type { Deps } from './deps.ts';
import { followLink, linkCookie } from './links.ts';
import { badLinkPage, newPasswordPage } from './new-password-page.ts';

/** Consumes nothing, whoever opens it: mail scanners open links too (S4). */
export const newPasswordScreenEndpoint = ({ table }: Deps) =>
  endpoint(newPasswordScreen, async (call) => {
    const { link } = call.query;
    if (link !== undefined) {
      // At once to an address without the secret: it shall stand in no history and no referrer.
      return granted({ page: { status: 303, location: '/password/new', setCookies: [linkCookie(link)] } });
    }
    const followed = await followLink(table, call.cookies, call.now);
    if (!followed.ok) {
      return showRefusal(followed.refusal, (message) => badLinkPage(message, followed.tenant ?? ''));
    }
    const form = openForm(call, followed.value.reset.id);
    const account = accountOf(followed.value);
    const minimumLength = minimumLengthFor(followed.value);
    return show(newPasswordPage({ form, account, minimumLength }), { setCookies: form.setCookies });
  });
