import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Node } from 'constructs';
import { LIFETIMES } from '../../shared/rules/lifetimes.ts';

/** What one deployment may choose; each value comes from CDK context (`cdk.json` or `--context name=value`). */
export type DeploymentSettings = {
  /** Tells deployments in one account apart: part of every name that must not collide. */
  readonly stage: string;
  /** Where the gateway and the API are reached, without a trailing slash; without it, the API's own endpoint. */
  readonly publicUrl?: string;
  /** Sender of every mail. */
  readonly mailFrom: string;
  /** `existing` when another stage of this account and region has already made the sender's SES identity. */
  readonly mailIdentity: 'create' | 'existing';
  /** The SES configuration set that this stage makes and sends under. */
  readonly mailConfigurationSet: string;
  /** Who is told by mail when an alarm rings. */
  readonly alarmEmail?: string;
  readonly logRetention: RetentionDays;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  /** A domain of the owner's for the API, with its certificate; then AWS's own address is closed. */
  readonly domain?: { readonly name: string; readonly certificateArn: string };
  readonly accessTokenMinutes?: number;
  readonly refreshTokenDays?: number;
  /** For all functions, instead of the size that each was given for a reason. */
  readonly memoryMegabytes?: number;
};

const LOG_LEVELS = ['INFO', 'ERROR'] as const;
/** No longer than a company may set for itself (shared/rules/lifetimes.ts), which ends a token in any case. */
const ACCESS_TOKEN_MINUTES = { min: 5, max: LIFETIMES.accessTokenMinutes.maximum } as const;
const REFRESH_TOKEN_DAYS = {
  min: LIFETIMES.refreshTokenDays.minimum,
  max: LIFETIMES.refreshTokenDays.maximum,
} as const;
const MEMORY_MEGABYTES = { min: 128, max: 3008 } as const;

/** Stands in cdk.json so that `cdk synth` works out of the box; only the stage `dev` may keep it. */
const PLACEHOLDER_SENDER = 'no-reply@psa.example';
const DEFAULT_LOG_RETENTION_DAYS = '90';

/** CloudWatch Logs keeps logs for these numbers of days only; `INFINITE` is no answer to "how long". */
const RETENTION_CHOICES: ReadonlyMap<string, RetentionDays> = new Map(
  Object.values(RetentionDays)
    .filter((days): days is RetentionDays => typeof days === 'number' && days !== RetentionDays.INFINITE)
    .map((days) => [String(days), days]),
);

const HOST_NAME = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/;
const CERTIFICATE_ARN = /^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[0-9a-f-]{36}$/;
const MAIL_ADDRESS =
  /^(?=[^@]{1,64}@)[A-Za-z0-9_%+-]+(?:\.[A-Za-z0-9_%+-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/;

/** A wrong context value: its message is the whole explanation, no stack is needed. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

const parsers = {
  stage: (given = 'dev') => {
    if (/^[a-z](?:[a-z0-9-]{0,10}[a-z0-9])?$/.test(given)) return given;
    throw wrong(
      'stage',
      given,
      'must be 1 to 12 lower-case letters, digits or hyphens, a letter first and no hyphen last, such as prod',
    );
  },
  publicUrl: (given?: string) => {
    if (given === undefined) return undefined;
    // What URL would change, the mailed links would carry differently from what was configured.
    if (URL.canParse(given) && new URL(given).origin === given && given.startsWith('https://')) return given;
    throw wrong(
      'publicUrl',
      given,
      'must be an https origin in lower case, without port 443 or a slash at its end, such as https://psa.example.com',
    );
  },
  mailFrom: (given = PLACEHOLDER_SENDER) => {
    if (MAIL_ADDRESS.test(given)) return given;
    throw wrong(
      'mailFrom',
      given,
      'must be one mail address with its domain in lower case, such as no-reply@psa.example.com',
    );
  },
  mailIdentity: (given = 'create'): DeploymentSettings['mailIdentity'] => {
    if (given === 'create' || given === 'existing') return given;
    throw wrong('mailIdentity', given, 'must be create or existing');
  },
  mailConfigurationSet: (given?: string) => {
    if (given === undefined || /^[A-Za-z0-9_-]{1,64}$/.test(given)) return given;
    throw wrong('mailConfigurationSet', given, 'must be 1 to 64 letters, digits, hyphens or underscores');
  },
  alarmEmail: (given?: string) => {
    if (given === undefined || MAIL_ADDRESS.test(given)) return given;
    throw wrong(
      'alarmEmail',
      given,
      'must be one mail address with its domain in lower case, such as ops@psa.example.com',
    );
  },
  logLevel: (given = 'INFO') => {
    const level = LOG_LEVELS.find((candidate) => candidate === given);
    if (level !== undefined) return level;
    throw wrong('logLevel', given, `must be one of ${LOG_LEVELS.join(', ')}`);
  },
  domainName: (given?: string) => {
    if (given === undefined || HOST_NAME.test(given)) return given;
    throw wrong('domainName', given, 'must be a host name in lower case, such as psa.example.com');
  },
  certificateArn: (given?: string) => {
    if (given === undefined || CERTIFICATE_ARN.test(given)) return given;
    throw wrong('certificateArn', given, 'must be the ARN of a certificate in ACM, in the region of the API');
  },
  accessTokenMinutes: (given?: string) => wholeNumber('accessTokenMinutes', given, ACCESS_TOKEN_MINUTES),
  refreshTokenDays: (given?: string) => wholeNumber('refreshTokenDays', given, REFRESH_TOKEN_DAYS),
  memoryMegabytes: (given?: string) => wholeNumber('memoryMegabytes', given, MEMORY_MEGABYTES),
  logRetentionDays: (given = DEFAULT_LOG_RETENTION_DAYS) => {
    const retention = RETENTION_CHOICES.get(given);
    if (retention !== undefined) return retention;
    throw wrong('logRetentionDays', given, `must be one of ${[...RETENTION_CHOICES.keys()].join(', ')}`);
  },
};
const names = Object.keys(parsers);
const CDK_NAMES = ['cli-telemetry', 'acknowledged-issue-numbers'];

/**
 * @param region where the deployment goes, if that is known yet.
 * @throws {SettingsError} on the first value that cannot be used.
 */
export function readSettings(node: Node, region: string | undefined): DeploymentSettings {
  refuseUnknown(node);
  const read = (name: keyof typeof parsers) => contextText(node, name);
  const domain = domainOf(
    parsers.domainName(read('domainName')),
    parsers.certificateArn(read('certificateArn')),
    region,
  );
  const publicUrl = publicUrlOf(parsers.publicUrl(read('publicUrl')), domain?.name);
  const accessTokenMinutes = parsers.accessTokenMinutes(read('accessTokenMinutes'));
  const refreshTokenDays = parsers.refreshTokenDays(read('refreshTokenDays'));
  const memoryMegabytes = parsers.memoryMegabytes(read('memoryMegabytes'));
  const alarmEmail = parsers.alarmEmail(read('alarmEmail'));
  const stage = parsers.stage(read('stage'));
  const settings = {
    stage,
    ...(publicUrl === undefined ? {} : { publicUrl }),
    mailFrom: parsers.mailFrom(read('mailFrom')),
    mailIdentity: parsers.mailIdentity(read('mailIdentity')),
    mailConfigurationSet:
      parsers.mailConfigurationSet(read('mailConfigurationSet')) ?? `psa-accounts-${stage}`,
    ...(alarmEmail === undefined ? {} : { alarmEmail }),
    logRetention: parsers.logRetentionDays(read('logRetentionDays')),
    logLevel: parsers.logLevel(read('logLevel')),
    ...(domain === undefined ? {} : { domain }),
    ...(accessTokenMinutes === undefined ? {} : { accessTokenMinutes }),
    ...(refreshTokenDays === undefined ? {} : { refreshTokenDays }),
    ...(memoryMegabytes === undefined ? {} : { memoryMegabytes }),
  };
  if (settings.stage !== 'dev' && settings.mailFrom === PLACEHOLDER_SENDER) {
    throw wrong(
      'mailFrom',
      settings.mailFrom,
      `is the placeholder; stage ${settings.stage} needs your sender`,
    );
  }
  return settings;
}

function wholeNumber(
  name: string,
  given: string | undefined,
  { min, max }: { readonly min: number; readonly max: number },
): number | undefined {
  if (given === undefined) return undefined;
  const value = /^\d{1,6}$/.test(given) ? Number(given) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw wrong(name, given, `must be a whole number from ${min} to ${max}`);
}

function domainOf(
  name: string | undefined,
  certificateArn: string | undefined,
  region: string | undefined,
): DeploymentSettings['domain'] {
  if (name !== undefined && certificateArn !== undefined) {
    const [, , , ofRegion = ''] = certificateArn.split(':');
    if (region === undefined || region === ofRegion) return { name, certificateArn };
    throw wrong(
      'certificateArn',
      certificateArn,
      `is of ${ofRegion}, and this deployment goes to ${region}: an API takes certificates of its own region only`,
    );
  }
  if (name !== undefined) throw wrong('domainName', name, 'needs certificateArn beside it');
  if (certificateArn !== undefined)
    throw wrong('certificateArn', certificateArn, 'needs domainName beside it');
  return undefined;
}

function publicUrlOf(given: string | undefined, domainName: string | undefined): string | undefined {
  if (domainName === undefined) return given;
  const own = `https://${domainName}`;
  if (given === undefined || given === own) return own;
  throw wrong('publicUrl', given, `must be ${own} or left out, since domainName is given`);
}

/** On the command line every value is text; in cdk.json it may be a number. */
function contextText(node: Node, name: string): string | undefined {
  const value: unknown = node.tryGetContext(name);
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  throw wrong(name, JSON.stringify(value), 'must be text');
}

/**
 * A misspelt name would silently leave the default in force: `--context stag=prod` would deploy `dev`.
 * The CDK's own keys hold a colon or a slash, but for a few.
 */
function refuseUnknown(node: Node): void {
  const context: unknown = node.getAllContext();
  if (typeof context !== 'object' || context === null) return;
  const unknown = Object.keys(context).find(
    (key) => !/[:/]/.test(key) && !CDK_NAMES.includes(key) && !names.includes(key),
  );
  if (unknown === undefined) return;
  throw new SettingsError(`Context value ${unknown} is not known; known are ${names.join(', ')}.`);
}

function wrong(name: string, given: string, rule: string): SettingsError {
  return new SettingsError(`Context value ${name} (${given}) ${rule}.`);
}
