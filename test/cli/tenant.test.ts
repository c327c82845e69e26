import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { runTenantCommand } from '../../infra/cli/tenant-command.ts';
import { headersOf } from '../../infra/local/http-event.ts';
import { isSignedBy } from '../../infra/local/signature.ts';
import { tellRefusal } from '../../shared/http/refusals.ts';
import { temporaryFolder } from '../local/support.ts';

const KEYS = { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' };
type Received = { method: string; url: string; body: string; signed: boolean };
type Answer = { status?: number; body: unknown };

beforeEach(() => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', KEYS.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', KEYS.secretAccessKey);
  vi.stubEnv('AWS_SESSION_TOKEN', '');
  vi.stubEnv('AWS_REGION', undefined);
  vi.stubEnv('AWS_CONFIG_FILE', '/dev/null');
});
afterEach(() => {
  vi.unstubAllEnvs();
});

/** An API that answers as it is told, in turn. */
async function api(...answers: Answer[]) {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const { method = '', url = '' } = request;
    const [rawPath = '', rawQueryString = ''] = url.split('?');
    const { headers } = headersOf(request.rawHeaders);
    const signed = isSignedBy(
      KEYS,
      'eu-west-1',
      { method, rawPath, rawQueryString, headers, body },
      new Date(),
    );
    received.push({ method, url, body: body.toString(), signed });
    const answer = answers[received.length - 1];
    response.writeHead(answer?.status ?? 200).end(JSON.stringify(answer?.body));
  });
  const port = await new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
  );
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${port}`, received };
}

async function run(args: string[], environment: NodeJS.ProcessEnv = {}) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runTenantCommand(args, {
    environment,
    out: (line) => out.push(line),
    err: (line) => err.push(line),
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

const TENANT = {
  tenant: 'acme-msp',
  company: 'Acme MSP',
  timeZone: 'UTC',
  isActive: true,
  createdOn: '2026-01-02T03:04:05.000Z',
  requireMfaForNonSsoUsers: false,
  licences: { total: 5, used: 1, available: 4 },
  employees: 1,
};
const CREATE = [
  ...['create', '--company', 'Acme MSP', '--licences', '5', '--admin-user-name', 'alice'],
  ...['--admin-first-name', 'Alice', '--admin-last-name', 'Archer', '--admin-email', 'alice@acme.example'],
];
const reply = (result: unknown, more = {}) => ({ body: { success: true, error: null, result, ...more } });

test('create sends one signed request and says what comes next', async () => {
  const { url, received } = await api(reply({ ...TENANT, administrator: { id: 1, userName: 'alice' } }));
  const { code, out } = await run([...CREATE, '--url', `${url}/`]);
  expect(code).toBe(0);
  expect(received).toMatchObject([{ method: 'POST', url: '/v2/platform/tenants', signed: true }]);
  expect(JSON.parse(received[0]?.body ?? '')).toEqual({
    company: 'Acme MSP',
    licences: 5,
    administrator: {
      userName: 'alice',
      firstName: 'Alice',
      lastName: 'Archer',
      emailAddress: 'alice@acme.example',
    },
  });
  expect(out).toContain('acme-msp\\alice');
  expect(out).toContain('1 of 5 used');
  expect(out).toContain('on its way to alice@acme.example');
});

test('list follows the cursor to the end', async () => {
  const { url, received } = await api(
    reply([TENANT], { nextCursor: 'a+b/=' }),
    reply([{ ...TENANT, tenant: 'zeta', company: 'Zeta' }], { nextCursor: null }),
  );
  const { code, out } = await run(['list'], { PSA_API_URL: url });
  expect(code).toBe(0);
  expect(received.map(({ url: asked }) => asked)).toEqual([
    '/v2/platform/tenants',
    '/v2/platform/tenants?Cursor=a%2Bb%2F%3D',
  ]);
  expect(received.every(({ signed }) => signed)).toBe(true);
  expect(out.split('\n')).toHaveLength(3);
  expect(out).toMatch(/zeta\s+Zeta\s+yes\s+2026-01-02/);
});

test('list lines its columns up whatever the script: by columns of the terminal, not by characters', async () => {
  const companies = [
    ['acme-msp', 'Acme MSP'],
    ['株式会社サーバー', '株式会社サーバー'],
    ['ｱｸﾒ', 'ＡＢ　Ｃ'],
    ['서울', '서울 👩‍💻'],
    ['mu\u0308ller', 'Mu\u0308ller\u200B'],
  ] as const;
  const { url } = await api(reply(companies.map(([tenant, company]) => ({ ...TENANT, tenant, company }))));
  const { out } = await run(['list'], { PSA_API_URL: url });
  expect(out.split('\n')).toEqual([
    'TENANT            COMPANY           ACTIVE  CREATED',
    'acme-msp          Acme MSP          yes     2026-01-02',
    '株式会社サーバー  株式会社サーバー  yes     2026-01-02',
    'ｱｸﾒ               ＡＢ　Ｃ          yes     2026-01-02',
    '서울              서울 👩‍💻           yes     2026-01-02',
    'mu\u0308ller            Mu\u0308ller\u200B            yes     2026-01-02',
  ]);
});

test('show asks for the tenant by name, whatever is in it; --json prints what came', async () => {
  const { url, received } = await api(reply(TENANT));
  const { code, out } = await run(['show', "ü b/c'", '--url', url, '--json']);
  expect(code).toBe(0);
  expect(received).toMatchObject([{ url: "/v2/platform/tenants/%C3%BC%20b%2Fc'", signed: true }]);
  expect(JSON.parse(out)).toEqual(TENANT);
});

test.each([
  [['licences', 'acme-msp', '--licences', '9'], 'PATCH', '/v2/platform/tenants/acme-msp', '{"licences":9}'],
  [['suspend', 'acme-msp'], 'POST', '/v2/platform/tenants/acme-msp/suspend', ''],
  [['resume', 'acme-msp'], 'POST', '/v2/platform/tenants/acme-msp/resume', ''],
])('%j sends one signed request and shows the tenant', async (args, method, path, body) => {
  const { url, received } = await api(reply({ ...TENANT, isActive: false }));
  const { code, out } = await run([...args, '--url', url]);
  expect(code).toBe(0);
  expect(received).toEqual([{ method, url: path, body, signed: true }]);
  expect(out).toMatch(/Active\s+no/);
});

test('delete repeats its call, with the name, until nothing is left', async () => {
  const part = (done: boolean, removedItems: number) => reply({ tenant: 'acme-msp', done, removedItems });
  const { url, received } = await api(part(false, 1900), part(false, 1900), part(true, 7));
  const { code, out } = await run(['delete', 'acme-msp', '--confirm', 'acme-msp', '--url', url]);
  expect(code).toBe(0);
  expect(received.map((call) => `${call.method} ${call.url}`)).toEqual(
    Array(3).fill('DELETE /v2/platform/tenants/acme-msp?Confirm=acme-msp'),
  );
  expect(received.every(({ signed }) => signed)).toBe(true);
  expect(out).toBe('acme-msp is deleted, with 3807 records. Its audit is kept.');
});

test('a refusal is printed with each of its details, fields by their flags, and exits with 1', async () => {
  const error = {
    message: 'Some fields are wrong.',
    subErrors: ['licences must be at least 1', 'administrator.emailAddress is not a mail address'],
  };
  const { url } = await api({ status: 400, body: { success: false, error, result: null } });
  const { code, out, err } = await run([...CREATE, '--url', url]);
  expect(code).toBe(1);
  expect(out).toBe('');
  expect(err.split('\n')).toEqual([
    error.message,
    '  --licences must be at least 1',
    '  --admin-email is not a mail address',
  ]);
});

test.each([
  [
    { reason: 'tenant_name_not_repeated', tenant: 'acme-msp' },
    ['To delete this tenant, repeat its sign-in name: --confirm acme-msp.'],
  ],
  [
    { reason: 'company_taken', tenant: 'acme-msp' },
    [
      'A tenant with the sign-in name acme-msp exists. Give another one with --tenant.',
      '  --tenant is taken',
    ],
  ],
  [
    { reason: 'company_unusable', field: 'company' },
    [
      'A sign-in name needs a letter or digit, and company holds none. Give one with --tenant.',
      '  --company holds no letter or digit',
    ],
  ],
] as const)('what the API asks for by its parameter is asked for by its flag: %j', async (refusal, lines) => {
  const { status, ...error } = tellRefusal(refusal);
  const { url } = await api({ status, body: { success: false, error, result: null } });
  const { err } = await run([...CREATE, '--url', url]);
  expect(err.split('\n')).toEqual(lines);
});

const NOT_AUTHORIZED = 'User: arn:aws:iam::1:user/a is not authorized to perform: execute-api:Invoke';
const EXPIRED = 'The security token included in the request is expired';
test.each([
  [{ message: 'Forbidden' }, /^Forbidden: .*expired.*--region/],
  [{ message: EXPIRED }, /^Forbidden \(The security token included in the request is expired\): .*--region/],
  [{ Message: NOT_AUTHORIZED }, /^Forbidden \(User: .* is not authorized to perform: .*\): .*operations\.md/],
])('a refused signature says what may be wrong, in the words of AWS too: %j', async (body, says) => {
  const { url } = await api({ status: 403, body });
  const { code, err } = await run(['list', '--url', url]);
  expect(code).toBe(1);
  expect(err).toMatch(says);
});

test('what holds spaces is signed as it is sent', async () => {
  const { url, received } = await api(reply({ tenant: 'acme-msp', done: true, removedItems: 1 }));
  await run(['delete', 'acme msp', '--confirm', "Acme + MSP's (old)*", '--url', url]);
  expect(received).toMatchObject([{ method: 'DELETE', signed: true }]);
  const sent = new URL(received[0]?.url ?? '', url).searchParams;
  expect(sent.get('Confirm')).toBe("Acme + MSP's (old)*");
});

test.each([
  ['the flag', 'https://a1.execute-api.us-east-2.amazonaws.com', ['--region', 'eu-west-3'], 'eu-west-3'],
  ["the API's own address", 'https://a1.execute-api.us-east-2.amazonaws.com', [], 'us-east-2'],
  ['the environment', 'https://psa.acme.example', [], 'eu-north-1'],
  ["the profile's, where the environment names none", 'https://psa.acme.example', [], 'ap-south-1'],
])('is signed for the region of %s', async (what, url, flags, region) => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'config'), '[default]\nregion = ap-south-1\n');
  vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'config'));
  const asked = vi
    .spyOn(globalThis, 'fetch')
    .mockImplementation(async () => new Response(JSON.stringify(reply([]).body)));
  onTestFinished(() => asked.mockRestore());
  const { code } = await run(['list', '--url', url, ...flags], {
    AWS_REGION: what.startsWith('the profile') ? undefined : 'eu-north-1',
  });
  expect(code).toBe(0);
  const sent = new Headers(asked.mock.calls[0]?.[1]?.headers);
  expect(sent.get('authorization')).toContain(`/${region}/execute-api/`);
});

test('an API that is not there is said so', async () => {
  const { code, err } = await run(['list', '--url', 'http://127.0.0.1:9']);
  expect(code).toBe(1);
  expect(err).toMatch(/^http:\/\/127\.0\.0\.1:9 cannot be reached/);
});

test.each<[string[], string]>([
  [['create', '--company', 'A'], '--licences is missing.'],
  [[...CREATE, '--licenses', '5'], "Unknown option '--licenses'."],
  [
    [...CREATE.slice(0, 4), 'five', ...CREATE.slice(5), '--url', 'http://x'],
    '--licences must be a whole number.',
  ],
  [[...CREATE.slice(0, -1), ''], '--admin-email is empty.'],
  [['list'], '--url is missing, and PSA_API_URL is not set.'],
  [['list', '--url', 'ftp://x'], '--url must be an address such as http://127.0.0.1:3000.'],
  [['list', '--url'], "Option '--url <value>' argument missing."],
  [['show', '--url', 'http://x'], 'TENANT is missing.'],
  [['licences', 'a', '--licences', 'x', '--url', 'http://x'], '--licences must be a whole number.'],
  [['delete', 'a', '--url', 'http://x'], '--confirm is missing.'],
  [['show', 'a', 'b', '--url', 'http://x'], '"b" is one too many.'],
  [
    ['remove'],
    'There is no command "remove": it is create, list, show, licences, suspend, resume or delete.',
  ],
  [[], 'The command is missing: it is create, list, show, licences, suspend, resume or delete.'],
])('%j is not understood: %s', async (args, sentence) => {
  const { code, err } = await run(args);
  expect(code).toBe(2);
  expect(err.split('\n')[0]).toBe(sentence);
});

test.each([
  [['--help'], 'create'],
  [['create', '--help'], '--admin-email ADDRESS'],
  [['list', '--help'], '--json'],
  [['show', '--help'], 'show TENANT'],
  [['licences', '--help'], 'licences TENANT'],
  [['suspend', '--help'], 'suspend TENANT'],
  [['resume', '--help'], 'resume TENANT'],
  [['delete', '--help'], '--confirm TENANT'],
])('%j helps', async (args, text) => {
  const { code, out } = await run(args);
  expect(code).toBe(0);
  expect(out).toContain(text);
});
