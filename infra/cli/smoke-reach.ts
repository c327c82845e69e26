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

const RENAMED = 'x-amzn-remapped-www-authenticate';

/** REST APIs rename the header, HTTP APIs do not: clients that wait for a challenge (RFC 9110, 15.5.2) would see none. */
export function challenge(headers: Headers, scheme: 'Basic' | 'Bearer'): Finding {
  const wanted = new RegExp(`^${scheme}( |$)`, 'i');
  if (wanted.test(headers.get('www-authenticate') ?? '')) return ok;
  return wrong(
    wanted.test(headers.get(RENAMED) ?? '')
      ? `WWW-Authenticate was renamed to ${RENAMED}: clients see no challenge`
      : `there is no ${scheme} challenge in WWW-Authenticate`,
  );
}
