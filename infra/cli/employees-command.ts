import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { csvText } from './csv-text.ts';
import { UsageError } from './tenant-usage.ts';

type Terminal = {
  readonly environment: NodeJS.ProcessEnv;
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
};

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

/** The API, or the way to it, said no. Each line is printed; exit code 1. */
class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly details: readonly string[];
  readonly reason: string | undefined;
  readonly passing: boolean;
  constructor(message: string, details: readonly string[] = [], reason?: string, passing = false) {
    super(message);
    this.details = details;
    this.reason = reason;
    this.passing = passing;
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
export async function runEmployeesCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    const { values, positionals } = parse(args);
    if (values.help) {
      terminal.out(HELP);
      return 0;
    }
    const [command, file, ...rest] = positionals;
    if (command !== 'import') throw new UsageError('The command is import');
    if (file === undefined) throw new UsageError('FILE.csv is missing');
    if (rest.length > 0) throw new UsageError(`"${rest[0]}" is one too many`);
    const api = apiOf(
      values.url ?? terminal.environment.PSA_API_URL,
      values.token ?? terminal.environment.PSA_TOKEN,
    );
    const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
      throw new UsageError(`${file} cannot be read (${error.code})`);
    });
    const csv = csvText(file, bytes);
    if (values['dry-run']) return await dryRun(api, csv, values['send-instructions'] ?? false, terminal);
    const id = values['import-id'] ?? randomUUID();
    await importAll(api, csv, { id, sendInstructions: values['send-instructions'] ?? false }, terminal);
    return 0;
  } catch (error) {
    if (error instanceof UsageError) {
      terminal.err(`${error.message}.`);
      terminal.err('See npm run employees -- --help');
      return 2;
    }
    if (!(error instanceof RefusedError)) throw error;
    terminal.err(error.message);
    for (const detail of error.details) terminal.err(`  ${detail}`);
    return 1;
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? (error.message.split('. ')[0] ?? '') : 'Not understood');
  }
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
  out(`Import ${id}`);
  let shown = -1;
  const show = ({ done, rows }: Progress) => {
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
      if (!(error instanceof RefusedError)) throw error;
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

function apiOf(url: string | undefined, token: string | undefined): Api {
  if (!url) throw new UsageError('--url is missing, and PSA_API_URL is not set');
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? '')) {
    throw new UsageError('--url must be an address such as http://127.0.0.1:3000');
  }
  if (!token) throw new UsageError('--token is missing, and PSA_TOKEN is not set');
  const base = `${url.replace(/\/+$/, '')}/v2/hr/employees/import`;
  return async (method, rest, csv) => {
    const response = await fetch(`${base}${rest}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(csv === undefined ? {} : { 'content-type': 'text/csv; charset=utf-8' }),
      },
      redirect: 'error',
      ...(csv === undefined ? {} : { body: csv }),
    }).catch(() => {
      throw new RefusedError(
        `${url} cannot be reached. Is it the right --url, and is the stack running?`,
        [],
        undefined,
        true,
      );
    });
    const text = await response.text();
    const envelope = jsonOf(text);
    if (response.ok && envelope?.success === true) return envelope.result;
    const reason = envelope?.error?.reason;
    const passing = response.status >= 500 || reason === 'changed_meanwhile';
    const message = envelope?.error?.message ?? envelope?.message ?? `The API answered ${response.status}.`;
    throw new RefusedError(inFlags(message), envelope?.error?.subErrors, reason, passing);
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
