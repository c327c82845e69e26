/**
 * Time-based one-time passwords, RFC 6238 with the parameters Cognito uses: SHA-1, six digits, 30 seconds.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa-totp.html
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

export type SoftwareToken = {
  /** Base32, as the authenticator app was given it. */
  readonly secret: string;
  readonly verified: boolean;
  /** Time steps whose code was accepted, so that none is accepted twice (RFC 6238 section 5.2). */
  readonly usedSteps: readonly number[];
};

const STEP_SECONDS = 30;
const DIGITS = 6;
/** Steps either side of now: RFC 6238 section 5.2 recommends one, for delay and clock drift. */
const TOLERANCE_STEPS = 1;
/** Cognito's secrets are 52 characters of base32. */
const SECRET_BYTES = 32;
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export function newSecret(): string {
  let bits = '';
  for (const byte of randomBytes(SECRET_BYTES)) bits += byte.toString(2).padStart(8, '0');
  return (bits.match(/.{1,5}/g) ?? [])
    .map((five) => BASE32.charAt(Number.parseInt(five.padEnd(5, '0'), 2)))
    .join('');
}

function decodeBase32(text: string): Buffer {
  const bits = [...text].map((char) => BASE32.indexOf(char).toString(2).padStart(5, '0')).join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

/** The code of one step (RFC 4226 section 5.3). */
export function codeAt(secret: string, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const digest = createHmac('sha1', decodeBase32(secret)).update(counter).digest();
  const offset = digest.readUInt8(digest.length - 1) & 0x0f;
  const truncated = digest.readUInt32BE(offset) & 0x7fffffff;
  return String(truncated % 10 ** DIGITS).padStart(DIGITS, '0');
}

export const stepOf = (nowMs: number) => Math.floor(nowMs / 1000 / STEP_SECONDS);

type CodeCheck = { result: 'accepted'; token: SoftwareToken } | { result: 'mismatch' } | { result: 'used' };

/** Checks a code against the steps around now; on acceptance the returned token remembers the step. */
export function checkCode(token: SoftwareToken, code: string, nowMs: number): CodeCheck {
  const current = stepOf(nowMs);
  let used = false;
  for (let step = current - TOLERANCE_STEPS; step <= current + TOLERANCE_STEPS; step++) {
    const expected = Buffer.from(codeAt(token.secret, step));
    const given = Buffer.from(code);
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) continue;
    if (token.usedSteps.includes(step)) {
      used = true;
      continue;
    }
    const stillInReach = token.usedSteps.filter((past) => past >= current - TOLERANCE_STEPS);
    return { result: 'accepted', token: { ...token, usedSteps: [...stillInReach, step] } };
  }
  return { result: used ? 'used' : 'mismatch' };
}
