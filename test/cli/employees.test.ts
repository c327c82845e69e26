import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { runEmployeesCommand } from '../../infra/cli/employees-command.ts';
import { newTenant, request, stack } from '../support/world.ts';

type Answer = { status?: number; body: unknown };
type Received = { method: string; url: string; authorization: string; type: string; body: string };

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** Answers POSTs from the list, GETs with the last progress. */
async function api(...answers: Answer[]) {
  const received: Received[] = [];
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const { method = '', url = '', headers } = incoming;
    if (method === 'POST') {
      const { authorization = '', 'content-type': type = '' } = headers;
      received.push({ method, url, authorization, type, body: Buffer.concat(chunks).toString() });
    }
    const answer = method === 'POST' ? answers.shift() : undefined;
    response.statusCode = answer?.status ?? (answer ? 200 : 404);
    response.end(JSON.stringify(answer?.body ?? { success: false }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => new Promise((resolve) => server.close(resolve)));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received };
}

const progress = (done: number, rows: number): Answer => ({
  body: {
    success: true,
    result: { importId: 'x', state: done < rows ? 'unfinished' : 'finished', rows, done },
  },
});
const refusal = (status: number, reason: string, subErrors: string[] = []): Answer => ({
  status,
  body: { success: false, error: { reason, message: `Refused: ${reason}.`, subErrors } },
});

async function run(
  args: string[],
  environment: NodeJS.ProcessEnv = {},
  csv: string | Uint8Array = 'userName\nx',
) {
  const directory = await mkdtemp(join(tmpdir(), 'psa-import-'));
  const file = join(directory, 'people.csv');
  await writeFile(file, csv);
  const out: string[] = [];
  const err: string[] = [];
  const code = await runEmployeesCommand(
    args.map((arg) => (arg === 'FILE' ? file : arg)),
    {
      environment: { PSA_TOKEN: 'the-token', ...environment },
      out: (line) => out.push(line),
      err: (line) => err.push(line),
    },
  );
  await rm(directory, { recursive: true });
  return { code, out, err };
}

test('what the API asks for by its parameter is asked for by its flag', async () => {
  const tenant = await newTenant();
  const environment = { PSA_API_URL: stack.url, PSA_TOKEN: tenant.admin };
  const { code, err } = await run(
    ['import', 'FILE'],
    environment,
    'userName,userType,firstName,lastName\nx,Robot,,',
  );
  expect(code).toBe(1);
  expect(err[0]).toBe(
    'Nothing was imported by this call: 1 row is wrong. --dry-run lists all that is wrong.',
  );
});

test('imports into a running stack', async () => {
  const tenant = await newTenant();
  const header = 'userName,userType,firstName,lastName';
  const rows = Array.from({ length: 40 }, (_, at) => `cli-${at},API Employee,Im,Port`);
  const environment = { PSA_API_URL: stack.url, PSA_TOKEN: tenant.admin };
  const { code, out } = await run(['import', 'FILE'], environment, [header, ...rows].join('\n'));
  expect(code).toBe(0);
  expect(out[0]).toMatch(/^Import [\w-]{36}$/);
  expect(out.at(-1)).toBe('40 of 40 rows');
  const list = await request('GET', '/v2/hr/employees?PageSize=1', { token: tenant.admin });
  expect(list.totalRecords).toBe(41);
  const again = await run(['import', 'FILE', '--dry-run'], environment, [header, ...rows].join('\n'));
  expect(again.code).toBe(1);
  expect(again.out.slice(0, 2)).toEqual(['row 2: userName is taken', 'row 3: userName is taken']);
  expect(again.out.at(-1)).toBe('40 of 40 rows are wrong.');
});

test('calls again with the same file and id until all rows are written', async () => {
  const { url, received } = await api(progress(200, 500), progress(400, 500), progress(500, 500));
  const args = ['import', 'FILE', '--url', url, '--import-id', 'my-import-1', '--send-instructions'];
  const { code, out } = await run(args);
  expect(code).toBe(0);
  expect(out).toEqual(['Import my-import-1', '200 of 500 rows', '400 of 500 rows', '500 of 500 rows']);
  expect(received).toEqual(
    Array.from({ length: 3 }, () => ({
      method: 'POST',
      url: '/v2/hr/employees/import?ImportId=my-import-1&SendInstructions=true',
      authorization: 'Bearer the-token',
      type: 'text/csv; charset=utf-8',
      body: 'userName\nx',
    })),
  );
});

test.each([
  ['a busy table', refusal(503, 'busy')],
  ["API Gateway's own limit", { status: 429, body: { message: 'Too Many Requests' } }],
])('waits out what passes by itself: %s', async (_what, answer) => {
  const { url, received } = await api(answer, progress(1, 1));
  const { code } = await run(['import', 'FILE', '--url', url]);
  expect(code).toBe(0);
  expect(received).toHaveLength(2);
});

test('tells what the import is refused for; where nothing was begun, nothing is to be gone on with', async () => {
  const { url } = await api(refusal(422, 'import_invalid', ['row 2: userName is taken']));
  const { code, out, err } = await run(['import', 'FILE', '--url', url, '--import-id', 'my-import-1']);
  expect(code).toBe(1);
  expect(out).toEqual([]);
  expect(err).toEqual(['Refused: import_invalid.', '  row 2: userName is taken']);
});

test.each<[string, Answer[]]>([
  ['stopped', [refusal(409, 'import_stopped')]],
  ['refused after some rows', [progress(200, 500), refusal(401, 'token_dead')]],
])('tells how to go on with an import that was %s', async (_what, answers) => {
  const { url } = await api(...answers);
  const { code, err } = await run(['import', 'FILE', '--url', url, '--import-id', 'my-import-1']);
  expect(code).toBe(1);
  expect(err.at(-1)).toBe('  Go on with --import-id my-import-1');
});

test('counts one row as one row', async () => {
  const report = { state: 'checked', rows: 1, licencesNeeded: 1, problems: [], badRows: [] };
  const bad = { ...report, valid: false, badRows: [{ row: 2, problems: ['userName is taken'] }] };
  const { url } = await api(
    { body: { success: true, result: { ...report, valid: true } } },
    { body: { success: true, result: bad } },
  );
  const args = ['import', 'FILE', '--url', url, '--dry-run'];
  expect((await run(args)).out).toEqual(['The row is good; 1 licence is needed.']);
  expect((await run(args)).out.at(-1)).toBe('1 of 1 rows is wrong.');
});

test.each<[string, Uint8Array, string]>([
  [
    'Latin-1',
    Buffer.from('userName,firstName\nok,Zoë\nhans,Jürgen\n', 'latin1'),
    'is not in UTF-8 (line 2); save it as "CSV UTF-8" in Excel, or choose UTF-8 when exporting.',
  ],
  [
    'a character that is cut off at the end',
    Buffer.from('userName\nZoë').subarray(0, -1),
    'is not in UTF-8 (line 2); save it as "CSV UTF-8" in Excel, or choose UTF-8 when exporting.',
  ],
  [
    'UTF-16',
    Buffer.from('\u{feff}userName\nx', 'utf16le'),
    'is in UTF-16, not in UTF-8; save it as "CSV UTF-8" in Excel, or choose UTF-8 when exporting.',
  ],
  [
    'UTF-16, big endian',
    Buffer.from('\u{feff}userName\nx', 'utf16le').swap16(),
    'is in UTF-16, not in UTF-8; save it as "CSV UTF-8" in Excel, or choose UTF-8 when exporting.',
  ],
])('%s is refused in one sentence, and nothing of it is sent', async (_encoding, csv, sentence) => {
  const { url, received } = await api(progress(1, 1));
  const { code, err } = await run(['import', 'FILE', '--url', url], {}, csv);
  expect(code).toBe(2);
  expect(err[0]).toMatch(/^\S+people\.csv /);
  expect(err[0]?.replace(/^\S+ /, '')).toBe(sentence);
  expect(received).toEqual([]);
});

test('UTF-8 is sent as it is, with or without a byte order mark', async () => {
  const { url, received } = await api(progress(1, 1), progress(1, 1));
  for (const mark of ['', '\u{feff}']) {
    expect((await run(['import', 'FILE', '--url', url], {}, `${mark}userName\nZoë`)).code).toBe(0);
  }
  expect(received.map(({ body }) => body)).toEqual(['userName\nZoë', 'userName\nZoë']);
});

test.each<[string[], NodeJS.ProcessEnv, string]>([
  [['import', 'FILE', '--url', 'ftp://x'], {}, '--url must be an address such as http://127.0.0.1:3000.'],
  [
    ['import', 'FILE', '--url', 'http://x'],
    { PSA_TOKEN: '' },
    '--token is missing, and PSA_TOKEN is not set.',
  ],
  [['import', 'FILE'], {}, '--url is missing, and PSA_API_URL is not set.'],
  [['import', 'FILE', '--dryrun'], {}, "Unknown option '--dryrun'."],
  [['import', 'FILE', 'more.csv'], {}, '"more.csv" is one too many.'],
  [['import'], {}, 'FILE.csv is missing.'],
  [['import', '/no/such.csv', '--url', 'http://x'], {}, '/no/such.csv cannot be read (ENOENT).'],
  [[], {}, 'The command is import.'],
])('%j is not understood', async (args, environment, sentence) => {
  const { code, err } = await run(args, environment);
  expect(code).toBe(2);
  expect(err[0]).toBe(sentence);
});

test('--help helps', async () => {
  const { code, out } = await run(['--help']);
  expect(code).toBe(0);
  expect(out.join()).toContain('--send-instructions');
});
