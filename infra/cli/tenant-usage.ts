/** The flags of `npm run tenant`, what they mean, and the help made of them. */
import { parseFlags, UsageError } from './command.ts';

type Flag = { readonly value?: string; readonly required?: true; readonly about: string };
type Flags = Readonly<Record<string, Flag>>;

const COMMON = {
  url: { value: 'URL', about: 'where the API is; else PSA_API_URL' },
  region: {
    value: 'REGION',
    about: "of the API, for the signature; else the address's, AWS_REGION, the profile's, eu-west-1",
  },
  json: { about: "print the API's JSON" },
  help: { about: 'this text' },
} as const satisfies Flags;

const CREATE = {
  company: { value: 'NAME', required: true, about: 'the company, as it is shown' },
  tenant: { value: 'NAME', about: 'its name at sign-in; else made of the company' },
  licences: {
    value: 'N',
    required: true,
    about: 'how many employees may hold one; the first Administrator takes one',
  },
  'time-zone': { value: 'ZONE', about: 'such as Europe/Berlin; else UTC' },
  'admin-user-name': {
    value: 'NAME',
    required: true,
    about: 'the first Administrator, who is mailed a link',
  },
  'admin-first-name': { value: 'NAME', required: true, about: '' },
  'admin-last-name': { value: 'NAME', required: true, about: '' },
  'admin-email': { value: 'ADDRESS', required: true, about: '' },
} as const satisfies Flags;

type Command = {
  readonly summary: string;
  readonly flags: Flags;
  readonly operands: readonly string[];
};

const COMMANDS = {
  create: {
    summary: 'Create a tenant with its built-in roles and its first Administrator',
    flags: CREATE,
    operands: [],
  },
  list: { summary: 'List all tenants', flags: {}, operands: [] },
  show: { summary: 'Show one tenant', flags: {}, operands: ['TENANT'] },
  licences: {
    summary: 'Change the licence count of a tenant; not below the count in use',
    flags: { licences: { value: 'N', required: true, about: 'how many employees may hold one' } },
    operands: ['TENANT'],
  },
  suspend: {
    summary: 'Suspend a tenant: its tokens are dead at once, and nobody of it signs in',
    flags: {},
    operands: ['TENANT'],
  },
  resume: {
    summary: 'Resume a suspended tenant: its accounts sign in again',
    flags: {},
    operands: ['TENANT'],
  },
  delete: {
    summary: 'Delete a suspended tenant with all its accounts, for good; its audit stays',
    flags: { confirm: { value: 'TENANT', required: true, about: 'its name at sign-in once more' } },
    operands: ['TENANT'],
  },
} as const satisfies Record<string, Command>;

export type CommandName = keyof typeof COMMANDS;
/** For sentences: `a, b or c`. */
export const commandNames = Object.keys(COMMANDS)
  .join(', ')
  .replace(/, (?=\w+$)/, ' or ');
export const isCommand = (name: string): name is CommandName => Object.hasOwn(COMMANDS, name);

function flagLines(flags: Flags): string[] {
  const rows = Object.entries(flags).map(([name, { value, required, about }]): [string, string] => [
    `  --${name}${value ? ` ${value}` : ''}`,
    [about, required ? '(required)' : ''].filter(Boolean).join(' '),
  ]);
  const width = Math.max(0, ...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `${left.padEnd(width)}  ${right}`.trimEnd());
}

export function help(command?: CommandName): string {
  const credentials =
    'Credentials come from where every AWS tool takes them (environment, profile, SSO, role). The local stack\n' +
    'keeps its own in .local/aws-credentials: set AWS_SHARED_CREDENTIALS_FILE to that file.';
  if (command === undefined) {
    const lines = Object.entries(COMMANDS).map(
      ([name, { summary, operands }]) => `  ${[name, ...operands].join(' ').padEnd(18)}${summary}`,
    );
    return [
      'Usage: npm run tenant -- COMMAND [flags]',
      '',
      ...lines,
      '',
      ...flagLines(COMMON),
      '',
      'More on one of them: npm run tenant -- COMMAND --help',
      '',
      credentials,
    ].join('\n');
  }
  const { summary, operands, flags } = COMMANDS[command];
  const own = flagLines(flags);
  return [
    `Usage: npm run tenant -- ${[command, ...operands].join(' ')} [flags]`,
    '',
    `${summary}.`,
    '',
    ...own,
    ...(own.length > 0 ? [''] : []),
    ...flagLines(COMMON),
    '',
    credentials,
  ].join('\n');
}

export type ParsedArguments = {
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
  readonly operands: readonly string[];
};

/** Throws UsageError naming the flag. */
export function parseArguments(command: CommandName | undefined, args: readonly string[]): ParsedArguments {
  const definition: Command | undefined = command && COMMANDS[command];
  const flags: Flags = { ...COMMON, ...definition?.flags };
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, { value }]) => [
      name,
      { type: value === undefined ? ('boolean' as const) : ('string' as const) },
    ]),
  );
  const { values, positionals } = parseFlags({ args: [...args], options, allowPositionals: true });
  if (values.help === true) return { values, operands: positionals };
  for (const [name, { required }] of Object.entries(flags)) {
    const value = values[name];
    if (required && value === undefined) throw new UsageError(`--${name} is missing`);
    if (typeof value === 'string' && value.trim() === '') throw new UsageError(`--${name} is empty`);
  }
  const wanted = definition?.operands ?? [];
  const missing = wanted[positionals.length];
  if (missing !== undefined) throw new UsageError(`${missing} is missing`);
  const surplus = positionals[wanted.length];
  if (surplus !== undefined) throw new UsageError(`"${surplus}" is one too many`);
  return { values, operands: positionals };
}
