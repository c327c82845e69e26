import { createHash, randomBytes, randomInt } from 'node:crypto';

/** Positive 32-bit integers (PSA V2), drawn at random: no counter for concurrent creates to queue at. */
export function newEmployeeId(): number {
  return randomInt(1, 2 ** 31 - 1);
}

/** As an employee's; the built-in roles have the first few numbers, which no condition lets be taken again. */
export function newRoleId(): number {
  return randomInt(1, 2 ** 31 - 1);
}

/** 128 random bits: ids that nobody enumerates. */
export function newId(): string {
  return randomBytes(16).toString('base64url');
}

/** 256 random bits, for mailed links (S2). */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

export function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('base64url');
}

/** A positive 32-bit number made of a text, the same everywhere and always; another for each attempt. */
export function textNumber(text: string, attempt: number): number {
  const hash = createHash('sha256').update(`${attempt}\n${text}`, 'utf8').digest();
  return (hash.readUInt32BE(0) % (2 ** 31 - 1)) + 1;
}
