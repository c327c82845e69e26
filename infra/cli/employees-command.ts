import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  apiAddress,
  parseFlags,
  RefusedError,
  runCommand,
  type Terminal,
  UsageError,
  unreachable,
} from './command.ts';
import { csvText } from './csv-text.ts';

type Progress = {
  readonly state: 'checked' | 'unfinished' | 'finished';
  readonly rows: number;
  readonly done: number;
};
type Report = Progress & {
  readonly valid: boolean;
  readonly licencesNeeded: number;
  readonly problems: readonly string[];
  readonly badRows: readonly { readonly row: number; readonly problems: readonly string[] }[];
};
type Envelope = {
  readonly success?: boolean;
  readonly result?: unknown;
  readonly error?: {
    readonly reason?: string;
    readonly message?: string;
    readonly subErrors?: readonly string[];
  } | null;
  /** API Gateway's own refusals have nothing else. */
  readonly message?: string;
};

/** A call that was refused. `passing`: the same call may succeed in a moment. */
class CallRefusedError extends RefusedError {
  readonly reason: string | undefined;
  readonly passing: boolean;
  constructor(
    message: string,
    about: {
      readonly details?: readonly string[] | undefined;
      readonly reason?: string | undefined;
      readonly passing: boolean;
    },
  ) {
    super(message, about.details);
    this.reason = about.reason;
    this.passing = about.passing;
  }
}

const HELP = `Usage: npm run employees -- import FILE.csv [flags]

Imports employees from a CSV file in UTF-8, of up to 5,000 rows. Every row is checked before the first is written. The import
is not atomic as a whole: rows are written in order; run the command again with its --import-id to go on.

Columns: userName, userType, firstName, lastName, emailAddress, employeeNumber, jobTitle, department, location,
timeZone, notes, isActive, isSso, securityRoles (names or ids, parted by ; or |). The first four are required. They are
parted by commas, semicolons or tabs; a cell that holds the file's own separator stands in quotation marks.

  --url URL             where the API is; else PSA_API_URL
  --token TOKEN         an access token; else PSA_TOKEN, which other users of this machine cannot read
  --dry-run             check the file only, and list every bad row
  --send-instructions   mail each active employee a link to create a password, at most 10 a second
  --import-id ID        resume the import of this id; else a new one is chosen and shown
  --help                this text`;

const OPTIONS = {
  url: { type: 'string' },
  token: { type: 'string' },
  'dry-run': { type: 'boolean' },
  'send-instructions': { type: 'boolean' },
  'import-id': { type: 'string' },
  help: { type: 'boolean' },
} as const;

/** Refusals that pass by themselves are waited out this many times in a row. */
const PATIENCE = 6;
const PAUSE_MILLISECONDS = 2000;
const PROGRESS_MILLISECONDS = 1000;

/** Answers the exit code: 0 done, 1 refused, 2 not understood. */
export function runEmployeesCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  return runCommand('npm run employees -- --help', terminal, async () => {
    const { values, positionals } = parseFlags({
      args: [...args],
      options: OPTIONS,
      allowPositionals: true,
    });
    if (values.help) {
      terminal.out(HELP);
      return 0;
    }
    const [command, file, ...rest] = positionals;
    if (command !== 'import') throw new UsageError('The command is import');
    if (file === undefined) throw new UsageError('FILE.csv is missing');
    if (rest.length > 0) throw new UsageError(`"${rest[0]}" is one too many`);
    const { environment } = terminal;
    const api = apiOf(apiAddress(values.url, environment), values.token ?? environment.PSA_TOKEN);
    const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
      throw new UsageError(`${file} cannot be read (${error.code})`);
    });
    const csv = csvText(file, bytes);
    const sendInstructions = values['send-instructions'] ?? false;
    if (values['dry-run']) return dryRun(api, csv, sendInstructions, terminal);
    await importAll(api, csv, { id: values['import-id'] ?? randomUUID(), sendInstructions }, terminal);
    return 0;
  });
}

type Api = (method: string, query: string, csv?: string) => Promise<unknown>;

async function dryRun(api: Api, csv: string, sendInstructions: boolean, { out }: Terminal): Promise<number> {
  const query = `?DryRun=true&SendInstructions=${sendInstructions}`;
  const report = (await api('POST', query, csv)) as Report;
  for (const problem of report.problems) out(problem);
  for (const { row, problems } of report.badRows)
    for (const problem of problems) out(`row ${row}: ${problem}`);
  out(
    report.valid
      ? `${report.rows === 1 ? 'The row is' : `All ${report.rows} rows are`} good; ${licences(report.licencesNeeded)} needed.`
      : `${report.badRows.length} of ${report.rows} rows ${report.badRows.length === 1 ? 'is' : 'are'} wrong.`,
  );
  return report.valid ? 0 : 1;
}

const licences = (count: number) => (count === 1 ? '1 licence is' : `${count} licences are`);

/** Calls until all rows are written; what passes by itself is waited out. */
async function importAll(
  api: Api,
  csv: string,
  { id, sendInstructions }: { readonly id: string; readonly sendInstructions: boolean },
  { out }: Terminal,
): Promise<void> {
  let shown = -1;
  const show = ({ done, rows }: Progress) => {
    // Only now is there an import to go on with: before, the API may still refuse the file.
    if (shown < 0) out(`Import ${id}`);
    if (done > shown) out(`${done} of ${rows} rows`);
    shown = Math.max(shown, done);
  };
  let waits = 0;
  for (;;) {
    const over = new AbortController();
    const watching = watch(api, id, show, over.signal);
    try {
      const query = `?ImportId=${encodeURIComponent(id)}&SendInstructions=${sendInstructions}`;
      const progress = (await api('POST', query, csv)) as Progress;
      show(progress);
      if (progress.state === 'finished') return;
      waits = 0;
    } catch (error) {
      waits += 1;
      if (!(error instanceof CallRefusedError)) throw error;
      if (!error.passing || waits > PATIENCE) {
        // Refused at once, nothing was begun; what an outage left behind is not known.
        const goOn = shown > 0 || error.passing || error.reason === 'import_stopped';
        throw new RefusedError(
          error.message,
          goOn ? [...error.details, `Go on with --import-id ${id}`] : error.details,
        );
      }
      await sleep(PAUSE_MILLISECONDS);
    } finally {
      over.abort();
      await watching;
    }
  }
}

/** Shows how far the call under way is; what goes wrong here the call itself will tell. */
async function watch(
  api: Api,
  id: string,
  show: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    await sleep(PROGRESS_MILLISECONDS, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    await api('GET', `/${encodeURIComponent(id)}`).then(
      (progress) => show(progress as Progress),
      () => undefined,
    );
  }
}

function apiOf(address: string, token: string | undefined): Api {
  if (!token) throw new UsageError('--token is missing, and PSA_TOKEN is not set');
  return async (method, rest, csv) => {
    const response = await fetch(`${address}/v2/hr/employees/import${rest}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(csv === undefined ? {} : { 'content-type': 'text/csv; charset=utf-8' }),
      },
      redirect: 'error',
      ...(csv === undefined ? {} : { body: csv }),
    }).catch((error: Error) => {
      throw new CallRefusedError(unreachable(address, error), { passing: true });
    });
    const envelope = jsonOf(await response.text());
    if (response.ok && envelope?.success === true) return envelope.result;
    const { reason, message = envelope?.message, subErrors: details } = envelope?.error ?? {};
    // API Gateway's own 429, which has no reason, is over with the second; the API's may last for the hour.
    const tooFast = response.status === 429 && reason === undefined;
    const passing = response.status >= 500 || tooFast || reason === 'changed_meanwhile';
    throw new CallRefusedError(inFlags(message ?? `The API answered ${response.status}.`), {
      details,
      reason,
      passing,
    });
  };
}

/** The API names its parameters; who reads it here has flags. */
const inFlags = (message: string) =>
  message.replace('DryRun=true', '--dry-run').replaceAll('ImportId', '--import-id');

function jsonOf(text: string): Envelope | undefined {
  try {
    return JSON.parse(text) as Envelope;
  } catch {
    return undefined;
  }
}
