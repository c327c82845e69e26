import { randomBytes } from 'node:crypto';
import { sha256 } from '../../shared/ids.ts';
import { foldRecoveryCode, RECOVERY_CODES } from '../../shared/rules/second-factor.ts';
import type { EmployeeItem } from '../../shared/store/items.ts';

/** RFC 4648, without 0, 1 and 8: nothing to mix up on paper. */
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
/** 80 bits: nobody guesses one, so a plain hash keeps it. */
const CODE_LENGTH = 16;

/** Ten codes, each in four groups of four. Shown once. */
export function newRecoveryCodes(): string[] {
  return Array.from({ length: RECOVERY_CODES }, () => {
    // 256 is a multiple of 32, so no letter is likelier than another.
    const letters = Array.from(randomBytes(CODE_LENGTH), (byte) => BASE32.charAt(byte % BASE32.length));
    return (letters.join('').match(/.{4}/g) ?? []).join('-');
  });
}

/** Bound to the account, so that equal hashes of two accounts never occur. */
export function hashOf(employee: Pick<EmployeeItem, 'tenant' | 'id'>, code: string): string {
  return sha256(`${employee.tenant}\n${employee.id}\n${foldRecoveryCode(code)}`);
}
