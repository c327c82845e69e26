/** The plain HTTP clients with which the demo and the tests speak to a running stack. */

export type Envelope = {
  success: boolean;
  error: { code: number; reason: string; message: string; subErrors: string[]; correlationId: string } | null;
  result: unknown;
  totalRecords?: number;
  nextCursor?: string | null;
};

/** RFC 7617, in UTF-8. */
export function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`, 'utf8').toString('base64')}`;
}

type Screen = { status: number; html: string; url: string };

/** What of a browser the screens need: cookies, redirects, forms sent from the page that showed them. */
export class Browser {
  readonly cookies = new Map<string, string>();

  get(url: string): Promise<Screen> {
    return this.#go(url, { method: 'GET' });
  }

  post(url: string, fields: Record<string, string>): Promise<Screen> {
    return this.#go(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        origin: new URL(url).origin,
        'sec-fetch-site': 'same-origin',
      },
      body: new URLSearchParams(fields).toString(),
    });
  }

  async #go(
    url: string,
    request: { method: string; headers?: Record<string, string>; body?: string },
  ): Promise<Screen> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...request.headers, ...(cookie ? { cookie } : {}) };
    const response = await fetch(url, { ...request, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) this.#keep(line);
    const location = response.headers.get('location');
    if (location !== null && response.status === 303) {
      return this.#go(new URL(location, url).href, { method: 'GET' });
    }
    return { status: response.status, html: await response.text(), url };
  }

  #keep(line: string): void {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
    const name = pair.slice(0, pair.indexOf('='));
    const ended = attributes.some((attribute) => /^max-age=0$/i.test(attribute));
    if (ended) this.cookies.delete(name);
    else this.cookies.set(name, pair.slice(name.length + 1));
  }
}

/** Value of a hidden field of a form. */
export function formField(html: string, name: string): string {
  const tag = html.match(new RegExp(`<input[^>]*name="${name}"[^>]*>`))?.[0] ?? '';
  return /value="([^"]*)"/.exec(tag)?.[1] ?? '';
}

export type Mail = { to: string[]; subject: string; text: string; html: string };

type StoredMail = {
  messageId: string;
  /** Epoch seconds. */
  at: number;
  destination: { to: string[] };
  subject: string;
  body: { text?: string; html?: string };
};
/** What was read of each inbox so far: one that fills up is not transferred whole at every look. */
const seen = new Map<string, Map<string, StoredMail>>();

const MAIL_TIMEOUT_MILLISECONDS = 15_000;
const MAIL_POLL_MILLISECONDS = 50;

/** All mail that the inbox holds, oldest first. */
export async function readInbox(inboxUrl: string): Promise<Mail[]> {
  const mails = seen.get(inboxUrl) ?? new Map<string, StoredMail>();
  seen.set(inboxUrl, mails);
  const newest = [...mails.values()].at(-1);
  const response = await fetch(new URL(newest ? `/store?since=${newest.at}` : '/store', inboxUrl));
  const { emails } = (await response.json()) as { emails: StoredMail[] };
  for (const mail of emails) mails.set(mail.messageId, mail);
  return [...mails.values()].map(({ destination, subject, body }) => ({
    to: destination.to,
    subject,
    text: body.text ?? '',
    html: body.html ?? '',
  }));
}

/** The newest mail that fits, once there are `count` of them. */
export async function waitForMail(
  inboxUrl: string,
  wanted: { to: string; subject?: RegExp; count?: number },
): Promise<Mail> {
  const deadline = Date.now() + MAIL_TIMEOUT_MILLISECONDS;
  for (;;) {
    const mails = (await readInbox(inboxUrl)).filter(
      (mail) => mail.to.includes(wanted.to) && (wanted.subject?.test(mail.subject) ?? true),
    );
    const newest = mails.at(-1);
    if (newest !== undefined && mails.length >= (wanted.count ?? 1)) return newest;
    if (Date.now() > deadline) throw new Error(`No such mail to ${wanted.to} arrived`);
    await new Promise((resolve) => setTimeout(resolve, MAIL_POLL_MILLISECONDS));
  }
}

/** The one link of a mail. */
export function linkIn(mail: Mail): string {
  const link = /https?:\/\/\S+\/password\/new\?link=[\w.-]+/.exec(mail.text)?.[0];
  if (link === undefined) throw new Error(`The mail "${mail.subject}" holds no link`);
  return link;
}
