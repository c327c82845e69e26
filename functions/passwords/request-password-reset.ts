import { endpoint } from '../../shared/http/call.ts';
import { requestPasswordReset } from '../../shared/routes/passwords.ts';
import { granted } from '../../shared/rules/decision.ts';
import { askForLink, LINK_ASKED_MESSAGE } from './ask-for-link.ts';
import type { Deps } from './deps.ts';

export const requestPasswordResetEndpoint = ({ table }: Deps) =>
  endpoint(requestPasswordReset, async (call) => {
    const { Tenant, UserName } = call.body;
    await askForLink(table, { company: Tenant, userName: UserName }, call);
    return granted({ result: { message: LINK_ASKED_MESSAGE } });
  });
