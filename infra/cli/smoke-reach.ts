/** Plain calls of a deployment, and what a check can find. */
export type Reach = { readonly url: string };
export type Answer = { readonly status: number; readonly headers: Headers; readonly text: string };

export type Finding = { readonly ok: boolean; readonly note?: string };
export const ok: Finding = { ok: true };
export const remark = (note: string): Finding => ({ ok: true, note });
export const wrong = (note: string): Finding => ({ ok: false, note });

const TIMEOUT_MILLISECONDS = 15_000;

export function get(reach: Reach, path: string, headers: Record<string, string> = {}): Promise<Answer> {
  return call(`${reach.url}${path}`, { headers });
}

export function post(
  reach: Reach,
  path: string,
  body: string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const type = { 'content-type': 'application/x-www-form-urlencoded' };
  return call(`${reach.url}${path}`, { method: 'POST', body, headers: { ...type, ...headers } });
}

async function call(url: string, request: RequestInit): Promise<Answer> {
  const signal = AbortSignal.timeout(TIMEOUT_MILLISECONDS);
  const response = await fetch(url, { ...request, redirect: 'manual', signal });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** REST APIs rename the header, HTTP APIs should not: the first is a defect to clients, so it is told. */
export function basicChallenge(headers: Headers): Finding {
  if (/^basic /i.test(headers.get('www-authenticate') ?? '')) return ok;
  if (/^basic /i.test(headers.get('x-amzn-remapped-www-authenticate') ?? '')) {
    return remark(
      'API Gateway renamed WWW-Authenticate to x-amzn-remapped-www-authenticate: clients that wait for a challenge see none',
    );
  }
  return wrong('there is no Basic challenge in WWW-Authenticate');
}
