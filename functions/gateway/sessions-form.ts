import { endpoint } from '../../shared/http/call.ts';
import { isOurForm, openForm } from '../../shared/http/forms.ts';
import { clearedSessionCookie } from '../../shared/http/session.ts';
import { endSessionForm, signOut } from '../../shared/routes/gateway.ts';
import { granted } from '../../shared/rules/decision.ts';
import { gatewayHref } from '../../shared/screens/page-layout.ts';
import { show, showRefusal } from '../../shared/screens/screens.ts';
import { endSessions } from '../../shared/store/sessions.ts';
import { accountPage, sessionsPage } from './account-pages.ts';
import { livingSessions, mySessions } from './account-screens.ts';
import type { Deps } from './deps.ts';

export const endSessionEndpoint = ({ table, publicUrl }: Deps) =>
  endpoint(endSessionForm, async (call) => {
    const { actor, body, origin, now } = call;
    const form = openForm(call);
    const sessions = await livingSessions(table, call);
    const { id: current } = actor.session;
    if (!isOurForm(call, body.formToken, publicUrl)) {
      const again = (message: string) => sessionsPage({ form, actor, sessions, current, message });
      return showRefusal({ reason: 'form_not_ours' }, again, form.setCookies);
    }
    // Among one's own only: the id of somebody else's session ends nothing. This one ends by signing out.
    const others = sessions.filter((session) => session.id !== current);
    const ended = others.filter((session) => body.session === 'others' || session.id === body.session);
    if (ended.length === 0) return show(await mySessions(table, call, form));
    const { tenant, id } = actor.employee;
    await endSessions(table, ended, (count) => ({
      tenant,
      at: now,
      action: 'session.end',
      outcome: 'done',
      actor: { kind: 'owner', id },
      origin,
      employeeId: id,
      details: { sessions: count },
    }));
    const left = sessions.filter((session) => !ended.includes(session));
    const done = ended.length === 1 ? 'The session was ended.' : `${ended.length} sessions were ended.`;
    return show(sessionsPage({ form, actor, sessions: left, current, done }));
  });

export const signOutEndpoint = ({ table, publicUrl }: Deps) =>
  endpoint(signOut, async (call) => {
    const { actor, origin, now } = call;
    if (!isOurForm(call, call.body.formToken, publicUrl)) {
      const form = openForm(call);
      return showRefusal({ reason: 'form_not_ours' }, () => accountPage({ form, actor }), form.setCookies);
    }
    const { tenant, id } = actor.employee;
    await endSessions(table, [actor.session], () => ({
      tenant,
      at: now,
      action: 'gateway.sign-out',
      outcome: 'done',
      actor: { kind: 'owner', id },
      origin,
      employeeId: id,
    }));
    const setCookies = [clearedSessionCookie()];
    return granted({ page: { status: 303, location: gatewayHref(tenant), setCookies } });
  });
