/** One code per thing worth telling ops; docs/operations.md explains each. */
export type LogCode =
  | 'request_failed'
  | 'request_busy'
  | 'init_failed'
  | 'mail_sent'
  | 'mail_failed'
  | 'mail_dropped'
  | 'mails_woken'
  | 'wake_failed'
  | 'mail_bounced'
  | 'feedback_ignored'
  | 'feedback_failed'
  | 'networks_forgotten'
  | 'networks_failed'
  | 'credential_retired'
  | 'credential_deleted'
  | 'credential_failed'
  | 'event_published'
  | 'event_failed'
  | 'event_dropped'
  | 'reconciled'
  | 'reconcile_failed'
  | 'reconcile_refused'
  | 'idempotency_failed'
  | 'quota_uncounted'
  | 'trigger_refused';

/** All that a log line may hold besides its code. No bodies, headers, addresses, names or tokens. */
export type LogFields = {
  readonly correlationId?: string | undefined;
  readonly routeKey?: string | undefined;
  readonly errorName?: string | undefined;
  /** Stack frames only: a message may quote input. */
  readonly frames?: readonly string[] | undefined;
  readonly resetId?: string | undefined;
  readonly reason?: string | undefined;
  /** How much of what was found. */
  readonly counts?: Readonly<Record<string, number>> | undefined;
};

/** `LOG_LEVEL` lets through what is at least as grave; under the last, nothing. */
const LEVELS = ['INFO', 'ERROR', 'SILENT'];

export function logInfo(code: LogCode, fields: LogFields = {}): void {
  write('INFO', code, fields);
}

export function logError(code: LogCode, fields: LogFields = {}): void {
  write('ERROR', code, fields);
}

function write(level: 'INFO' | 'ERROR', message: LogCode, fields: LogFields): void {
  const { LOG_LEVEL = 'INFO', SERVICE_NAME: service, _X_AMZN_TRACE_ID: trace = '' } = process.env;
  if (LEVELS.indexOf(level) < LEVELS.indexOf(LOG_LEVEL)) return;
  const traceId = /Root=([^;]+)/.exec(trace)?.[1];
  writeLine({ level, message, timestamp: new Date().toISOString(), service, traceId, ...fields });
}

/** Opened at init, where it costs the first caller nothing (P3). */
const { stdout } = process;

/** One line of JSON, past the console: in Lambda that puts words of its own before each line. */
export function writeLine(line: object): void {
  stdout.write(`${JSON.stringify(line)}\n`);
}

/** What of an unknown throw may be logged: its name and where it came from, never its message. */
export function errorFields(error: unknown): Pick<LogFields, 'errorName' | 'frames'> {
  if (!(error instanceof Error)) return { errorName: typeof error };
  // A message of several lines could hold one that looks like a frame.
  const stack = (error.stack ?? '').replace(error.message, () => '');
  const frames = stack.split('\n').filter((line) => line.trimStart().startsWith('at '));
  // What cannot be reached Node names by a code alone.
  const errorName = error.name === 'Error' && 'code' in error ? String(error.code) : error.name;
  return { errorName, frames: frames.slice(0, 8).map((line) => line.trim()) };
}
