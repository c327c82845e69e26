import { type Call, endpoint } from '../../shared/http/call.ts';
import { openForm } from '../../shared/http/forms.ts';
import { minimumLengthFor } from '../../shared/identity/account-passwords.ts';
import {
  accountScreen,
  changePasswordScreen,
  factorScreen,
  sessionsScreen,
} from '../../shared/routes/gateway.ts';
import { endedUpTo } from '../../shared/rules/tokens.ts';
import { show } from '../../shared/screens/screens.ts';
import { countRecoveryCodes } from '../../shared/store/second-factors.ts';
import { listSessions } from '../../shared/store/sessions.ts';
import { accountPage, changePasswordPage, factorOnPage, sessionsPage } from './account-pages.ts';
import type { Deps } from './deps.ts';
import { AT_ACCOUNT, startPage } from './enrol-page.ts';

export const accountScreenEndpoint = () =>
  endpoint(accountScreen, async (call) => {
    const form = openForm(call);
    return show(accountPage({ form, actor: call.actor }), { setCookies: form.setCookies });
  });

export const changePasswordScreenEndpoint = () =>
  endpoint(changePasswordScreen, async (call) => {
    const form = openForm(call);
    const page = { form, actor: call.actor, minimumLength: minimumLengthFor(call.actor) };
    return show(changePasswordPage(page), { setCookies: form.setCookies });
  });

export const factorScreenEndpoint = ({ table }: Deps) =>
  endpoint(factorScreen, async (call) => {
    const form = openForm(call);
    const { actor } = call;
    const page =
      actor.employee.secondFactorOn === undefined
        ? startPage({ form, who: actor, place: AT_ACCOUNT })
        : factorOnPage({ form, actor, codesLeft: await countRecoveryCodes(table, actor.employee) });
    return show(page, { setCookies: form.setCookies });
  });

export const sessionsScreenEndpoint = ({ table }: Deps) =>
  endpoint(sessionsScreen, async (call) => {
    const form = openForm(call);
    return show(await mySessions(table, call, form), { setCookies: form.setCookies });
  });

/** Those that count: what a reset or a revocation ended is not shown, though it stands there until its time. */
export async function livingSessions(
  table: Deps['table'],
  { actor, now }: Pick<Call<typeof sessionsScreen>, 'actor' | 'now'>,
) {
  const { tenant, id, generation } = actor.employee;
  const ended = endedUpTo(actor.tenant, actor.employee);
  const all = await listSessions(table, tenant, id, now);
  return all.filter((session) => session.generation === generation && session.signedInAt > ended);
}

export async function mySessions(
  table: Deps['table'],
  call: Pick<Call<typeof sessionsScreen>, 'actor' | 'now'>,
  form: ReturnType<typeof openForm>,
  told: { readonly message?: string; readonly done?: string } = {},
): Promise<string> {
  const sessions = await livingSessions(table, call);
  return sessionsPage({ form, actor: call.actor, sessions, current: call.actor.session.id, ...told });
}
