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

export function openForm({ cookies }: Pick<Received, 'cookies'>): Form {
  const kept = cookies[FORM_COOKIE];
  // Kept, so that forms open in other tabs stay good.
  if (kept !== undefined && COOKIE_VALUE.test(kept)) return { token: sha256(kept), setCookies: [] };
  const fresh = newSecret();
  return { token: sha256(fresh), setCookies: [hostCookie(FORM_COOKIE, fresh)] };
}

export function isOurForm(received: Received, formToken: string, publicUrl: string): boolean {
  const cookie = received.cookies[FORM_COOKIE];
  return (
    cameFromUs(received.headers, publicUrl) &&
    cookie !== undefined &&
    COOKIE_VALUE.test(cookie) &&
    sameText(formToken, sha256(cookie))
  );
}

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
