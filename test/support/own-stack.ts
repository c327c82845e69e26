import { expect } from 'vitest';
import { runReconcileCommand } from '../../infra/cli/reconcile-command.ts';
import { signedFetch } from '../../infra/cli/signed-fetch.ts';
import { Browser, basic, type Envelope, formField, linkIn, waitForMail } from '../../infra/local/clients.ts';
import type { Stack } from '../../infra/local/stack.ts';

type Reached = Pick<Stack, 'url' | 'inboxUrl' | 'operator' | 'endpoints'>;

/** What clients do at a stack that a test started for itself. */
export class OwnStack {
  readonly #stack: Reached;
  readonly #company: string;

  constructor(stack: Reached, company: string) {
    this.#stack = stack;
    this.#company = company;
  }

  /** A company, with Alice as its Administrator. Answers her token. */
  async found(emailAddress: string, password: string, licences = 3): Promise<string> {
    const { url, operator } = this.#stack;
    const administrator = { userName: 'alice', firstName: 'A', lastName: 'R', emailAddress };
    const created = await signedFetch(`${url}/v2/platform/tenants`, {
      method: 'POST',
      body: JSON.stringify({ company: this.#company, licences, administrator }),
      credentials: operator,
      region: operator.region,
    });
    expect(created.status).toBe(200);
    await this.choose(emailAddress, 1, password);
    return this.tokenOf('alice', password);
  }

  /** By the newest of so many mailed links. */
  async choose(to: string, count: number, password: string): Promise<void> {
    const { url, inboxUrl } = this.#stack;
    const link = linkIn(await waitForMail(inboxUrl, { to, subject: /(create|reset)/i, count }));
    const browser = new Browser();
    const { pathname, search } = new URL(link);
    // The link is of the run before where that had another port.
    const screen = await browser.get(`${url}${pathname}${search}`);
    const formToken = formField(screen.html, 'formToken');
    const fields = { password, confirmation: password, formToken };
    expect((await browser.post(`${url}/password/new`, fields)).status).toBe(200);
  }

  async token(user: string, password: string): Promise<{ access_token?: string; reason?: string }> {
    const reply = await fetch(`${this.#stack.url}/oauth2/token`, {
      method: 'POST',
      headers: { authorization: basic(`${this.#company}\\${user}`, password) },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    return (await reply.json()) as { access_token?: string; reason?: string };
  }

  async tokenOf(user: string, password: string): Promise<string> {
    const { access_token: token, reason } = await this.token(user, password);
    expect(reason).toBeUndefined();
    return token ?? '';
  }

  async call(token: string, method: string, path: string, body?: object): Promise<{ id: number }> {
    const reply = await fetch(`${this.#stack.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const envelope = (await reply.json()) as Envelope;
    expect(envelope.error).toBeNull();
    return envelope.result as { id: number };
  }

  /** `npm run reconcile`, by this stack's operator. */
  async reconcile(...flags: readonly string[]): Promise<{ readonly code: number; readonly out: string }> {
    const { operator, endpoints } = this.#stack;
    const lines: string[] = [];
    const print = (line: string) => lines.push(line);
    const before = { ...process.env };
    Object.assign(process.env, {
      AWS_REGION: operator.region,
      AWS_ENDPOINT_URL_LAMBDA: endpoints.lambda,
      AWS_ACCESS_KEY_ID: operator.accessKeyId,
      AWS_SECRET_ACCESS_KEY: operator.secretAccessKey,
    });
    const code = await runReconcileCommand(['--stage', 'local', ...flags], { out: print, err: print });
    process.env = before;
    return { code, out: lines.join('\n') };
  }
}
