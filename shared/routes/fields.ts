import { domainToASCII } from 'node:url';
import * as v from 'valibot';
import { ACTIONS, type Module } from '../rules/rights.ts';
import { parseUserType, USER_TYPES } from '../rules/user-types.ts';

/** Fields that several routes share. Every message completes the sentence "<field> …". */

/** Ids are positive 32-bit integers (PSA V2). */
const ID_MAX = 2_147_483_647;

function codePoints(text: string): number {
  return Array.from(text).length;
}

/** One line of text in any script, NFC, trimmed; no control, format-override or lone surrogate characters. */
export function line(maximum: number) {
  return v.pipe(
    v.string('must be text'),
    v.check((text) => text.isWellFormed(), 'must be well-formed Unicode'),
    v.transform((text) => text.normalize('NFC').trim()),
    v.check(
      (text) => !/[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u.test(text),
      'must not hold control characters',
    ),
    v.check((text) => /[^\s\p{Default_Ignorable_Code_Point}]/u.test(text), 'must not be empty'),
    v.check((text) => codePoints(text) <= maximum, `must be at most ${maximum} characters long`),
  );
}

/** Several lines of free text. */
export function notes(maximum: number) {
  return v.pipe(
    v.string('must be text'),
    v.check((text) => text.isWellFormed(), 'must be well-formed Unicode'),
    v.check((text) => !/[^\P{Cc}\r\n\t]/u.test(text), 'must not hold control characters'),
    v.check((text) => codePoints(text) <= maximum, `must be at most ${maximum} characters long`),
  );
}

/** Letters, marks and digits of any script, and `. _ @ + ' -`; `\` and `:` would break HTTP Basic. */
export const userName = v.pipe(
  line(64),
  v.check(
    (text) => /^[\p{L}\p{M}\p{N}._@+'-]+$/u.test(text.normalize('NFKC')),
    "may hold letters and digits of any script and . _ @ + ' - only",
  ),
  v.check(
    (text) => !/^\p{M}|\p{Default_Ignorable_Code_Point}/u.test(text),
    'must not hold invisible characters nor begin with a mark',
  ),
  v.description(
    'Sign-in name, unique in the company without regard to case, invisible characters or compatible forms of a letter (NFKC); letters of two scripts are different, however alike they look',
  ),
);

const LABEL = String.raw`[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}])?`;
/** A top-level domain holds no digits alone: that would be an IP address. Made by the first call, not at start-up. */
function isDomain(text: string): boolean {
  domainForm ??= new RegExp(`^(?:${LABEL}\\.)+(?!\\d+$)${LABEL}$`, 'u');
  return domainForm.test(text);
}
let domainForm: RegExp | undefined;
const ADDRESS_MAX_LENGTH = 254;

/**
 * In Punycode, as SES is given it (`asciiAddress`), it must be a domain still: not every text in another script is
 * one, and a mail that can never go holds up those behind it in the stream.
 */
function isMailable(localPart: string, domain: string): boolean {
  const ascii = domainToASCII(domain);
  return isDomain(ascii) && localPart.length + 1 + ascii.length <= ADDRESS_MAX_LENGTH;
}
const IS_ASCII = /^[\x20-\x7e]*$/;
const LOCAL_PART = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;

/** One address of RFC 5321's common form; display names, comments and quoted parts are not for accounts. */
export const emailAddress = v.pipe(
  line(ADDRESS_MAX_LENGTH),
  v.check((text) => {
    const at = text.lastIndexOf('@');
    const domain = text.slice(at + 1);
    const local = text.slice(0, at);
    const formed = LOCAL_PART.test(local) || !IS_ASCII.test(local);
    return at > 0 && at <= 64 && formed && isDomain(domain) && domain.length > 3 && isMailable(local, domain);
  }, 'must be one mail address, such as bot@acme.example'),
  v.check(
    // Of what is no address at all one sentence is enough.
    (text) => text.lastIndexOf('@') < 1 || IS_ASCII.test(text.slice(0, text.lastIndexOf('@'))),
    'must have a plain ASCII part before the @ (Amazon SES)',
  ),
);

export const userType = v.pipe(
  v.string('must be text'),
  v.check((text) => parseUserType(text) !== undefined, `must be one of ${USER_TYPES.join(', ')}`),
  v.transform((text) => parseUserType(text) ?? 'Employee'),
  v.metadata({ enum: USER_TYPES }),
);

export const flag = v.boolean('must be true or false');

export const id = v.pipe(
  v.number('must be a number'),
  v.integer('must be a whole number'),
  v.minValue(1, 'must be at least 1'),
  v.maxValue(ID_MAX, `must be at most ${ID_MAX}`),
);

export const HELD_ROLES_MAX = 20;
export const TOO_MANY_ROLES = `must hold at most ${HELD_ROLES_MAX} roles`;
export const roleIds = v.pipe(
  v.array(id, 'must be a list of role ids'),
  v.maxLength(HELD_ROLES_MAX, TOO_MANY_ROLES),
  v.check((ids) => new Set(ids).size === ids.length, 'must not name a role twice'),
);

export const timeZone = v.pipe(
  v.string('must be text'),
  v.check((text) => zoneNamed(text) !== undefined, 'must be an IANA time zone, such as Europe/Dublin'),
  v.transform((text) => zoneNamed(text) ?? text),
);

/** As names of zones are written; `Intl` takes any letter case, which other readers of the field may not. */
const ZONE_NAME = /^(?:[A-Z][\w+-]*|(?:US|[A-Z][a-z]+)(?:\/[A-Z][\w+-]*)+)$/;

/**
 * Both names of a zone that was renamed are good, `Asia/Kolkata` and `Asia/Calcutta`: the lists of engines hold one
 * of them only, mostly the older, and resolve the other to it. So what was asked for is kept.
 */
function zoneNamed(text: string): string | undefined {
  if (!/^[A-Za-z]/.test(text)) return undefined;
  try {
    const { timeZone: resolved } = new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions();
    if (resolved.toLowerCase() === text.toLowerCase()) return resolved;
    return ZONE_NAME.test(text) ? text : undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

export function optionalOrNull<S extends v.GenericSchema>(schema: S) {
  return v.optional(v.nullable(schema));
}

/** Query and path values arrive as text. */
export function integerText(minimum: number, maximum: number) {
  return v.pipe(
    v.string('must be given once'),
    v.regex(/^\d+$/, 'must be a whole number'),
    v.transform(Number),
    v.minValue(minimum, `must be at least ${minimum}`),
    v.maxValue(maximum, `must be at most ${maximum}`),
  );
}

export const flagText = v.pipe(
  v.string('must be given once'),
  v.check((text) => /^(true|false)$/i.test(text), 'must be true or false'),
  v.transform((text) => text.toLowerCase() === 'true'),
);

export const idParams = v.strictObject({ id: integerText(1, ID_MAX) });

/** Changes of what the path names. */
export const ofEmployee = { params: idParams, subject: { kind: 'employee', param: 'id' } } as const;
export const ofRole = { params: idParams, subject: { kind: 'role', param: 'id' } } as const;

/** The page of a list: by number, as PSA V2 clients ask, or by cursor, which costs the same however deep. */
export const page = {
  PageSize: v.optional(integerText(1, 500)),
  PageNumber: v.optional(integerText(1, 1_000_000)),
  Cursor: v.optional(
    v.pipe(v.string('must be given once'), v.maxLength(1024, 'is not a cursor of this list')),
  ),
};

const actions = v.optional(
  v.pipe(
    v.array(v.picklist(ACTIONS, `must be among ${ACTIONS.join(', ')}`), 'must be a list of actions'),
    v.check((given) => new Set(given).size === given.length, 'must not name an action twice'),
  ),
);

export const rights = v.strictObject(
  {
    hr: actions,
    security: actions,
    company: actions,
    audit: actions,
  } satisfies Record<Module, unknown>,
  'must be an object such as {"hr": ["view"]}',
);

/** ISO 8601 in UTC. */
export const time = v.pipe(v.string(), v.isoTimestamp());
