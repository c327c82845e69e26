import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { Refused, Report } from '../../functions/reconcile/report.ts';
import { parseFlags, RefusedError, runCommand, type Terminal, UsageError } from './command.ts';

const HELP = `Usage: npm run reconcile -- --stage STAGE [flags]

Compares the table with the user pool, and lists what a crash, an outage or a restore left behind: mails that are owed,
Cognito users that no account points to, accounts whose Cognito user is gone, counters that are wrong. Without --repair
it changes nothing. A run with --repair is made every day by itself.

  --stage STAGE      of the deployment; "local" for the local stack
  --repair           send owed mails again, retire Cognito users that no account points to
  --send-links       with --repair: forget passwords whose Cognito user is gone, and mail those accounts a link
  --tenant NAME      this company alone; else all of them
  --owed-for N       take mails for forgotten that are owed for N minutes; else 15; 0 for every one
  --region REGION    of the deployment; else AWS_REGION, else the profile's
  --json             print the report as JSON
  --help             this text

Credentials come from where every AWS tool takes them; they need lambda:InvokeFunction on the function reconcile. The
local stack keeps its own: set AWS_CONFIG_FILE=.local/aws-config AWS_SHARED_CREDENTIALS_FILE=.local/aws-credentials.
Exit codes: 0 nothing is left that needs a person, 1 refused, 2 not understood, 3 something is left.`;

const OPTIONS = {
  stage: { type: 'string' },
  repair: { type: 'boolean' },
  'send-links': { type: 'boolean' },
  tenant: { type: 'string' },
  'owed-for': { type: 'string' },
  region: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

const SOMETHING_LEFT = 3;
/** Lambda says nothing until the function is done. Longer than that; the SDK's clients begin to wait five minutes only. */
const SILENCE_MILLISECONDS = 960_000;

/** Answers the exit code: see HELP. */
export function runReconcileCommand(
  args: readonly string[],
  terminal: Pick<Terminal, 'out' | 'err'>,
): Promise<number> {
  return runCommand('npm run reconcile -- --help', terminal, async () => {
    const values = parse(args);
    if (values.help) {
      terminal.out(HELP);
      return 0;
    }
    const report = await runAll(functionOf(values), ordersOf(values), terminal);
    for (const line of values.json ? [JSON.stringify(report, null, 2)] : linesOf(report)) terminal.out(line);
    return isClean(report) ? 0 : SOMETHING_LEFT;
  });
}

const parse = (args: readonly string[]) => parseFlags({ args: [...args], options: OPTIONS }).values;

type Values = ReturnType<typeof parse>;

function functionOf({ stage, region }: Values) {
  if (stage === undefined) throw new UsageError('--stage is missing');
  if (!/^[a-z][a-z0-9-]{0,11}$/.test(stage)) {
    throw new UsageError('--stage must be 1 to 12 lower-case letters, digits or hyphens');
  }
  return { FunctionName: `psa-accounts-${stage}-reconcile`, ...(region === undefined ? {} : { region }) };
}

function ordersOf(values: Values) {
  const { repair = false, 'send-links': sendLinks = false, tenant, 'owed-for': owedFor } = values;
  if (sendLinks && !repair)
    throw new UsageError('--send-links changes accounts: it needs --repair beside it');
  if (owedFor !== undefined && !/^\d{1,5}$/.test(owedFor)) {
    throw new UsageError('--owed-for must be a number of minutes');
  }
  return {
    repair,
    sendLinks,
    ...(tenant === undefined ? {} : { tenant }),
    ...(owedFor === undefined ? {} : { owedForMinutes: Number(owedFor) }),
  };
}

/** One invocation lasts up to fifteen minutes; where its time ran out, the next goes on. */
async function runAll(
  { FunctionName, region }: ReturnType<typeof functionOf>,
  orders: ReturnType<typeof ordersOf>,
  { err }: Pick<Terminal, 'err'>,
): Promise<Report> {
  // Never tried twice: an invocation that is waited for may still be at work.
  const client = new LambdaClient({
    maxAttempts: 1,
    requestHandler: { socketTimeout: SILENCE_MILLISECONDS },
    ...(region === undefined ? {} : { region }),
  });
  let whole: Report | undefined;
  let after: string | undefined;
  for (;;) {
    const Payload = JSON.stringify({ ...orders, ...(after === undefined ? {} : { after }) });
    const reply = await client.send(new InvokeCommand({ FunctionName, Payload })).catch((error: Error) => {
      throw new RefusedError(`${FunctionName} cannot be run: ${whyNot(error)}`);
    });
    const result: unknown = JSON.parse(new TextDecoder().decode(reply.Payload));
    if (reply.FunctionError !== undefined) {
      const { errorMessage = 'no message' } = result as { errorMessage?: string };
      throw new RefusedError(`${FunctionName} failed: ${errorMessage}`);
    }
    const part = result as Report | Refused;
    if ('refused' in part) throw new RefusedError(part.refused);
    if (part.next !== null && part.tenants === 0) {
      throw new RefusedError(`${FunctionName} had no time for a single company: raise its time-out.`);
    }
    whole = whole === undefined ? part : sum(whole, part);
    if (whole.next === null) return whole;
    after = whole.next;
    err(`${comparedIn(whole)} so far; going on after ${after || 'none'} …`);
  }
}

/** The SDK's words, and what to do about them where they do not say. */
function whyNot({ name, message }: Error): string {
  if (name === 'ResourceNotFoundException') return `${message}. Is it the right --stage and --region?`;
  const lacking = message === 'Region is missing' || name === 'CredentialsProviderError';
  return `${message || name}${lacking ? '. How to give it stands under npm run reconcile -- --help' : ''}`;
}

/** Of two parts of one run. */
function sum(one: Report, other: Report): Report {
  const add = <T>(first: T, second: T): T => {
    if (typeof first === 'number' && typeof second === 'number') return (first + second) as T;
    if (Array.isArray(first) && Array.isArray(second)) return [...first, ...second] as T;
    return second;
  };
  const addAll = <T extends object>(first: T, second: T): T =>
    Object.fromEntries(
      Object.entries(first).map(([name, value]) => {
        const beside: unknown = second[name as keyof T];
        const nested = typeof value === 'object' && value !== null && !Array.isArray(value);
        return [name, nested ? addAll(value as object, beside as object) : add(value as unknown, beside)];
      }),
    ) as T;
  return { ...addAll(one, { ...other, next: null }), next: other.next, repair: other.repair };
}

const counted = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`;

const comparedIn = ({ tenants, employees }: Report) =>
  `${counted(tenants, 'company', 'companies')}, ${counted(employees, 'employee', 'employees')}`;

function linesOf(report: Report): string[] {
  const { owedMails, orphans, stillEnabled, lostCredentials, drift, unreadable, foreignUsers, repair } =
    report;
  const done = (count: number, what: string) => (repair ? `, ${count} ${what}` : '');
  return [
    `Compared ${comparedIn(report)}, ${counted(report.cognitoUsers, 'Cognito user', 'Cognito users')}.`,
    `Owed mails              ${owedMails.found}${done(owedMails.woken, 'sent on their way')}`,
    `Users nobody points to  ${orphans.found}${done(orphans.retired, 'retired')}`,
    ...orphans.users.map((user) => `  ${user}`),
    `Replaced, yet enabled   ${stillEnabled.found}${done(stillEnabled.woken, 'disabled soon')}`,
    ...stillEnabled.users.map((user) => `  ${user}`),
    `Lost passwords          ${lostCredentials.found}${done(lostCredentials.linksOwed, 'links on their way')}`,
    ...lostCredentials.accounts.map(
      ({ tenant, employeeId, why, link }) =>
        `  ${tenant}, employee ${employeeId}: Cognito user ${why}; link: ${link}`,
    ),
    `Wrong counters          ${drift.length}`,
    ...drift.map(
      ({ tenant, counter, stored, counted }) => `  ${tenant}: ${counter} ${stored}, counted ${counted}`,
    ),
    `Companies not read      ${unreadable.length}`,
    ...unreadable.map((tenant) => `  ${tenant}`),
    `Users made by hand      ${foreignUsers.found}`,
    ...foreignUsers.users.map((user) => `  ${user}`),
    ...(repair || isClean(report) ? [] : ['Nothing was changed: --repair puts right what can be.']),
  ];
}

function isClean(report: Report) {
  const { repair, owedMails, orphans, stillEnabled, lostCredentials, drift, unreadable, foreignUsers } =
    report;
  const repairable = repair ? 0 : owedMails.found + orphans.found + stillEnabled.found;
  const unsent = lostCredentials.found - lostCredentials.linksOwed;
  return repairable + unsent + drift.length + unreadable.length + foreignUsers.found === 0;
}
