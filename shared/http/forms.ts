import { createHash, timingSafeEqual } from 'node:crypto';
import { newSecret, sha256 } from '../ids.ts';
import { hostCookie } from './cookies.ts';

/**
 * Forms that only our own pages can send (S15). The form holds the hash of a random cookie: another site can make
 * a browser send the cookie, but cannot read it, nor set one whose name begins with `__Host-`.
 */
const FORM_COOKIE = '__Host-form';
const COOKIE_VALUE = /^[\w-]{43}$/;

type Received = {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly cookies: Readonly<Record<string, string>>;
};

/** What a page with a form needs: the hidden field, and the cookie where the browser has none yet. */
export type Form = { readonly token: string; readonly setCookies: readonly string[] };

/** @param subject what the form is about, where a cookie that another tab may change says so. */
export function openForm({ cookies }: Pick<Received, 'cookies'>, subject?: string): Form {
  const kept = cookies[FORM_COOKIE];
  // Kept, so that forms open in other tabs stay good.
  if (kept !== undefined && COOKIE_VALUE.test(kept)) return { token: tokenOf(kept, subject), setCookies: [] };
  const fresh = newSecret();
  return { token: tokenOf(fresh, subject), setCookies: [hostCookie(FORM_COOKIE, fresh)] };
}

/** @param subject that of `openForm`: a form about anything else is not this one. */
export function isOurForm(
  received: Received,
  formToken: string,
  publicUrl: string,
  subject?: string,
): boolean {
  const cookie = received.cookies[FORM_COOKIE];
  return (
    cameFromUs(received.headers, publicUrl) &&
    cookie !== undefined &&
    COOKIE_VALUE.test(cookie) &&
    sameText(formToken, tokenOf(cookie, subject))
  );
}

const tokenOf = (cookie: string, subject: string | undefined) =>
  sha256(subject === undefined ? cookie : `${cookie}\n${subject}`);

/** Browsers that send Sec-Fetch-Site are judged by it alone; older ones by Origin; other clients send neither. */
function cameFromUs(headers: Received['headers'], publicUrl: string): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  const { origin } = headers;
  return origin === undefined || origin === new URL(publicUrl).origin;
}

/** In a time that does not depend on where they differ. */
export function sameText(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
