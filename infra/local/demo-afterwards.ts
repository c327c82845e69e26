/** The end of the demo's story: who did what is read back, and the operator suspends the company and resumes it. */
import { signedFetch } from '../cli/signed-fetch.ts';
import type { Envelope } from './clients.ts';
import type { Operator } from './operator.ts';

type Told = { status: number; access_token?: string; reason?: string; correlation_id?: string };

export type Teller = {
  readonly url: string;
  readonly operator: Operator;
  /** Access token of the Administrator. */
  readonly admin: string;
  readonly bot: { readonly user: string; readonly password: string };
  readonly step: <T>(what: string, act: () => Promise<T>) => Promise<T>;
  readonly expect: (actual: unknown, wanted: unknown, what: string) => void;
  readonly api: (token: string, method: string, path: string) => Promise<Envelope & { status: number }>;
  readonly token: (user: string, password: string) => Promise<Told>;
};

export async function tellAfterwards(teller: Teller): Promise<void> {
  const { admin, bot, step, expect, api, token } = teller;
  const correlationId = await step('A token request with a wrong password is refused', async () => {
    const refused = await token(bot.user, 'quite another password');
    expect(refused.reason, 'credentials_wrong', 'reason');
    return refused.correlation_id ?? '';
  });
  await step('The audit log finds it by its correlation id, with who, when and why (M17)', async () => {
    const query = new URLSearchParams({ 'Filter.CorrelationId': correlationId });
    const log = await api(admin, 'GET', `/v2/admin/security/auditlog?${query}`);
    const [record, ...others] = log.result as { action: string; outcome: string; reason: string }[];
    expect(others.length, 0, 'other records');
    expect(
      `${record?.action} ${record?.outcome} ${record?.reason}`,
      'token.issue refused credentials_wrong',
      'record',
    );
  });

  const botToken = await step('The API Employee holds a good token', async () => {
    const issued = await token(bot.user, bot.password);
    expect(issued.status, 200, 'status');
    return issued.access_token ?? '';
  });
  const operate = async (what: 'suspend' | 'resume') => {
    const response = await signedFetch(`${teller.url}/v2/platform/tenants/acme-msp/${what}`, {
      method: 'POST',
      credentials: teller.operator,
      region: teller.operator.region,
    });
    expect(response.status, 200, 'status');
  };
  await step('The operator suspends the company', () => operate('suspend'));
  await step('Its token is dead on the very next call (M18)', async () => {
    const refused = await api(botToken, 'GET', '/v2/security/userinfo');
    expect(`${refused.status} ${refused.error?.reason}`, '401 token_dead', 'answer');
  });
  await step('A new one is refused, after the right password, with the reason', async () => {
    expect((await token(bot.user, bot.password)).reason, 'tenant_suspended', 'reason');
  });
  await step('The operator resumes it, and the API Employee gets a token again', async () => {
    await operate('resume');
    expect((await token(bot.user, bot.password)).status, 200, 'status');
  });
}
