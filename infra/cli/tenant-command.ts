import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { loadConfig, NODE_REGION_CONFIG_FILE_OPTIONS, NODE_REGION_CONFIG_OPTIONS } from '@smithy/core/config';
import { apiAddress, RefusedError, runCommand, type Terminal, UsageError, unreachable } from './command.ts';
import { displayWidth, padToWidth } from './display-width.ts';
import { signedFetch } from './signed-fetch.ts';
import {
  type CommandName,
  commandNames,
  help,
  isCommand,
  type ParsedArguments,
  parseArguments,
} from './tenant-usage.ts';

type Tenant = {
  readonly tenant: string;
  readonly company: string;
  readonly timeZone: string;
  readonly isActive: boolean;
  readonly createdOn: string;
};
type TenantDetail = Tenant & {
  readonly requireMfaForNonSsoUsers: boolean;
  readonly licences: { readonly total: number; readonly used: number; readonly available: number };
  readonly employees: number;
  readonly administrator?: { readonly id: number; readonly userName: string };
};
type Removal = { readonly tenant: string; readonly done: boolean; readonly removedItems: number };
type Envelope = {
  readonly success?: boolean;
  readonly result?: unknown;
  readonly nextCursor?: string | null;
  readonly error?: { readonly message?: string; readonly subErrors?: readonly string[] } | null;
  /** API Gateway's own refusals have nothing else; those that IAM words begin with a capital. */
  readonly message?: string;
  readonly Message?: string;
};

type Api = (method: string, path: string, body?: object) => Promise<Envelope>;

const TENANTS = '/v2/platform/tenants';
const DEFAULT_REGION = 'eu-west-1';

/** Answers the exit code: 0 done, 1 refused, 2 not understood. */
export function runTenantCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const [first, ...rest] = args;
  const command = first !== undefined && isCommand(first) ? first : undefined;
  return runCommand(`npm run tenant -- ${command ? `${command} ` : ''}--help`, terminal, async () => {
    if (command === undefined) return topLevel(args, terminal);
    const parsed = parseArguments(command, rest);
    if (parsed.values.help === true) {
      terminal.out(help(command));
      return 0;
    }
    const print = await run(command, parsed, makeApi(parsed, terminal.environment));
    for (const line of print(parsed.values.json === true)) terminal.out(line);
    return 0;
  });
}

function topLevel(args: readonly string[], terminal: Terminal): number {
  const [first] = args;
  if (first !== undefined && !first.startsWith('-')) {
    throw new UsageError(`There is no command "${first}": it is ${commandNames}`);
  }
  if (parseArguments(undefined, args).values.help !== true) {
    throw new UsageError(`The command is missing: it is ${commandNames}`);
  }
  terminal.out(help());
  return 0;
}

type Print = (json: boolean) => string[];

async function run(command: CommandName, { values, operands }: ParsedArguments, api: Api): Promise<Print> {
  const path = `${TENANTS}/${encodeURIComponent(operands[0] ?? '')}`;
  const detail = async (method: string, to: string, body?: object) =>
    printTenant((await api(method, to, body)).result as TenantDetail);
  switch (command) {
    case 'list':
      return printList(await listAll(api));
    case 'show':
      return detail('GET', path);
    case 'licences':
      return detail('PATCH', path, { licences: wholeNumber(values.licences) });
    case 'suspend':
    case 'resume':
      return detail('POST', `${path}/${command}`);
    case 'delete':
      return printRemoval(await deleteAll(api, path, String(values.confirm)));
    case 'create':
      return createTenant(values, api);
  }
}

function wholeNumber(text: unknown): number {
  const licences = Number(text);
  if (!Number.isInteger(licences)) throw new UsageError('--licences must be a whole number');
  return licences;
}

async function createTenant(values: ParsedArguments['values'], api: Api): Promise<Print> {
  const licences = wholeNumber(values.licences);
  const { result } = await api('POST', TENANTS, {
    company: values.company,
    tenant: values.tenant,
    licences,
    timeZone: values['time-zone'],
    administrator: {
      userName: values['admin-user-name'],
      firstName: values['admin-first-name'],
      lastName: values['admin-last-name'],
      emailAddress: values['admin-email'],
    },
  });
  return printTenant(result as TenantDetail, String(values['admin-email']));
}

/** One call removes a part: repeated until the answer says that it was the last. */
async function deleteAll(api: Api, path: string, confirm: string): Promise<Removal> {
  let removedItems = 0;
  for (;;) {
    const { result } = await api('DELETE', `${path}?${new URLSearchParams({ Confirm: confirm })}`);
    const part = result as Removal;
    removedItems += part.removedItems;
    if (part.done) return { ...part, removedItems };
  }
}

async function listAll(api: Api): Promise<Tenant[]> {
  const tenants: Tenant[] = [];
  let cursor: string | null | undefined;
  do {
    const query = cursor ? `?${new URLSearchParams({ Cursor: cursor })}` : '';
    const page: Envelope = await api('GET', `${TENANTS}${query}`);
    tenants.push(...((page.result ?? []) as Tenant[]));
    cursor = page.nextCursor;
  } while (cursor);
  return tenants;
}

function makeApi({ values }: ParsedArguments, environment: NodeJS.ProcessEnv): Api {
  const base = apiAddress(typeof values.url === 'string' ? values.url : undefined, environment);
  const flag = typeof values.region === 'string' ? values.region : undefined;
  return async (method, path, body) => {
    const region = flag ?? regionOf(base) ?? (environment.AWS_REGION || (await profileRegion()));
    const credentials = await defaultProvider()().catch((error: Error) => {
      throw new RefusedError(
        `No AWS credentials were found (${error.message}). For the local stack, set ` +
          'AWS_SHARED_CREDENTIALS_FILE=.local/aws-credentials',
      );
    });
    const response = await signedFetch(`${base}${path}`, {
      method,
      credentials,
      region,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }).catch((error: Error) => {
      throw new RefusedError(unreachable(base, error));
    });
    return readReply(response, region);
  };
}

/** An address of API Gateway's own names its region, and a signature for another is worth nothing there. */
const regionOf = (address: string) =>
  /^https:\/\/[^./]+\.execute-api\.([a-z0-9-]+)\.amazonaws\./.exec(address)?.[1];

/** As every AWS tool finds it. */
function profileRegion(): Promise<string> {
  return loadConfig(NODE_REGION_CONFIG_OPTIONS, NODE_REGION_CONFIG_FILE_OPTIONS)().catch(
    () => DEFAULT_REGION,
  );
}

async function readReply(response: Response, region: string): Promise<Envelope> {
  const text = await response.text();
  let envelope: Envelope;
  try {
    envelope = JSON.parse(text) as Envelope;
  } catch {
    throw new RefusedError(`The answer (${response.status}) is not one of this API; check --url.`);
  }
  if (response.ok && envelope.success === true) return envelope;
  const { error, Message, message = Message } = envelope;
  if (error?.message) throw new RefusedError(inFlags(error.message), error.subErrors?.map(problemInFlags));
  if (response.status === 403) {
    const said = message === undefined || message === 'Forbidden' ? '' : ` (${message})`;
    throw new RefusedError(
      `Forbidden${said}: the credentials may not do this, have expired, or are not of the deployment's account, or the ` +
        `API is not in ${region} (--region), or this clock is wrong. The permissions are in docs/operations.md.`,
    );
  }
  throw new RefusedError(message ?? `The API answered ${response.status}.`);
}

/** The API names its parameters; who reads it here has flags. */
const inFlags = (message: string) =>
  message.replace('Confirm=', '--confirm ').replace('in the field tenant', 'with --tenant');

const FLAG_OF_FIELD: Readonly<Record<string, string>> = {
  company: '--company',
  tenant: '--tenant',
  licences: '--licences',
  timeZone: '--time-zone',
  'administrator.userName': '--admin-user-name',
  'administrator.firstName': '--admin-first-name',
  'administrator.lastName': '--admin-last-name',
  'administrator.emailAddress': '--admin-email',
};

/** A problem begins with the name of its field. */
const problemInFlags = (problem: string) =>
  problem.replace(/^[\w.]+/, (field) => FLAG_OF_FIELD[field] ?? field);

const asJson = (value: unknown) => [JSON.stringify(value, null, 2)];

const printTenant =
  (tenant: TenantDetail, mailedTo?: string): Print =>
  (json) => {
    if (json) return asJson(tenant);
    const { licences, administrator } = tenant;
    const rows: [string, string][] = [
      ['Tenant', tenant.tenant],
      ['Company', tenant.company],
      ['Time zone', tenant.timeZone],
      ['Active', tenant.isActive ? 'yes' : 'no'],
      ['MFA required', tenant.requireMfaForNonSsoUsers ? 'yes (non-SSO users)' : 'no'],
      ['Licences', `${licences.used} of ${licences.total} used`],
      ['Employees', String(tenant.employees)],
      ['Created', tenant.createdOn],
    ];
    if (administrator) rows.push(['Administrator', `${tenant.tenant}\\${administrator.userName}`]);
    const lines = rows.map(([name, value]) => `${name.padEnd(14)}${value}`);
    return mailedTo === undefined
      ? lines
      : [...lines, '', `A link to pick a password is on its way to ${mailedTo}.`];
  };

const printRemoval =
  (removal: Removal): Print =>
  (json) =>
    json
      ? asJson(removal)
      : [`${removal.tenant} is deleted, with ${removal.removedItems} records. Its audit is kept.`];

const printList =
  (tenants: readonly Tenant[]): Print =>
  (json) => {
    if (json) return asJson(tenants);
    if (tenants.length === 0) return ['There is no tenant yet.'];
    const rows = [
      ['TENANT', 'COMPANY', 'ACTIVE', 'CREATED'],
      ...tenants.map(({ tenant, company, isActive, createdOn }) => [
        tenant,
        company,
        isActive ? 'yes' : 'no',
        createdOn.slice(0, 10),
      ]),
    ];
    const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => displayWidth(row[column] ?? ''))));
    return rows.map((row) =>
      row
        .map((cell, column) => padToWidth(cell, widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
  };
