import { type Call, endpoint } from '../../shared/http/call.ts';
import { openForm } from '../../shared/http/forms.ts';
import { codeScreen, enrolScreen, recoveryScreen } from '../../shared/routes/gateway.ts';
import { show, showRefusal } from '../../shared/screens/screens.ts';
import { followPending } from './begin-session.ts';
import { brokenOffPage, codePage, recoveryPage } from './code-page.ts';
import type { Deps } from './deps.ts';
import { AT_SIGN_IN, startPage } from './enrol-page.ts';

export const codeScreenEndpoint = ({ table }: Deps) =>
  endpoint(codeScreen, (call) => pendingScreen(table, call, codePage));

export const recoveryScreenEndpoint = ({ table }: Deps) =>
  endpoint(recoveryScreen, (call) => pendingScreen(table, call, recoveryPage));

async function pendingScreen(
  table: Deps['table'],
  call: Pick<Call<typeof codeScreen>, 'cookies' | 'now'>,
  page: typeof codePage,
) {
  const followed = await followPending(table, call.cookies, 'code', call.now);
  if (!followed.ok) return showRefusal(followed.refusal, (message) => brokenOffPage(message));
  const form = openForm(call);
  return show(page({ form }), { setCookies: form.setCookies });
}

export const enrolScreenEndpoint = ({ table }: Deps) =>
  endpoint(enrolScreen, async (call) => {
    const followed = await followPending(table, call.cookies, 'enrolment', call.now);
    if (!followed.ok) return showRefusal(followed.refusal, (message) => brokenOffPage(message));
    const form = openForm(call);
    const page = startPage({ form, who: followed.value, place: AT_SIGN_IN });
    return show(page, { setCookies: form.setCookies });
  });
