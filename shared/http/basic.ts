import { isUtf8 } from 'node:buffer';
import type { Credentials } from '../identity/sign-in.ts';
import type { CredentialRefusal } from '../refusal.ts';
import { type Decision, granted, refused } from '../rules/decision.ts';

type BasicRefusal = Extract<CredentialRefusal, { reason: 'credentials_missing' | 'credentials_malformed' }>;

/**
 * HTTP Basic (RFC 7617) with the user name `company\username`.
 *
 * Our challenge asks for UTF-8 (RFC 7617 2.1), but many a client sends ISO-8859-1 without having been challenged, as
 * RFC 7617 leaves the encoding open by default. Bytes that are no UTF-8 are therefore read as ISO-8859-1 (not as
 * Windows-1252: its extra characters are control characters here, and refused). Bytes that are UTF-8 are UTF-8.
 *
 * OAuth clients form-encode both parts first (RFC 6749 2.3.1), others send them as they are. The backslash
 * tells which: encoded it arrives as `%5C`, and both parts are decoded, escapes as UTF-8 (RFC 6749 B); raw, both are
 * taken as they stand. There is never a second try with the other reading.
 */
export function parseBasic(authorization: string | undefined): Decision<Credentials, BasicRefusal> {
  if (authorization === undefined) return refused({ reason: 'credentials_missing' });
  const { scheme, encoded } = partsOf(authorization);
  if (scheme.toLowerCase() !== 'basic') return refused({ reason: 'credentials_missing' });
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) return malformed('they are not Base64');
  const pair = decode(Buffer.from(encoded, 'base64'));
  const colon = pair.indexOf(':');
  if (colon < 0) return malformed('there is no colon between user name and password');
  return parseClient(pair.slice(0, colon), pair.slice(colon + 1));
}

/** In words: no description of OAuth's may hold a backslash (RFC 6749 5.2). */
const NO_COMPANY = 'the user name is not company, a backslash, user name';

/** Split by hand: a pattern with two runs of blanks takes time by the square of their length. */
function partsOf(authorization: string) {
  const text = authorization.trim();
  const end = text.search(/\s/);
  return end < 0
    ? { scheme: text, encoded: '' }
    : { scheme: text.slice(0, end), encoded: text.slice(end).trimStart() };
}

/** The company that unusable credentials name all the same, where it can be read: for its audit, and nothing else. */
export function companyNamed(authorization: string | undefined): string | undefined {
  const { scheme, encoded } = partsOf(authorization ?? '');
  if (scheme.toLowerCase() !== 'basic') return undefined;
  const [user = ''] = decode(Buffer.from(encoded, 'base64')).split(':', 1);
  const [company = '', ...rest] = user.split(/\\|%5c/i);
  if (rest.length === 0 || company === '') return undefined;
  return user.includes('\\') ? company : formDecode(company);
}

function parseClient(user: string, password: string): Decision<Credentials, BasicRefusal> {
  if (user.includes('\\')) return splitUser(user, password);
  if (!/%5c/i.test(user)) return malformed(NO_COMPANY);
  const decodedUser = formDecode(user);
  const decodedPassword = formDecode(password);
  return decodedUser === undefined || decodedPassword === undefined
    ? malformed('they are not form-encoded UTF-8')
    : splitUser(decodedUser, decodedPassword);
}

/** The same user name where it stands in a form: `client_id` (RFC 6749 2.3.1). */
export function splitUser(user: string, password: string): Decision<Credentials, BasicRefusal> {
  const at = user.indexOf('\\');
  const company = user.slice(0, Math.max(at, 0));
  const userName = user.slice(at + 1);
  if (at < 0 || company === '' || userName === '') return malformed(NO_COMPANY);
  if (password === '') return malformed('the password is empty');
  if (/\p{Cc}/u.test(user + password)) return malformed('they hold control characters');
  return granted({ company, userName, password });
}

function malformed(problem: string): Decision<never, BasicRefusal> {
  return refused({ reason: 'credentials_malformed', problem });
}

function decode(bytes: Buffer): string {
  // Buffer's latin1 is ISO-8859-1; TextDecoder's would be Windows-1252.
  return isUtf8(bytes) ? bytes.toString('utf8') : bytes.toString('latin1');
}

function formDecode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
