/** What the token function does at init, before anybody called it. */
import { beforeAll, expect, test, vi } from 'vitest';
import { rehearse } from '../../functions/tokens/rehearsal.ts';
import { revokeTokenEndpoint } from '../../functions/tokens/revoke-token.ts';
import { httpFunction } from '../../shared/http/http-function.ts';
import { tokenVerifier } from '../../shared/http/token-verifier.ts';
import type { UserPool } from '../../shared/identity/user-pool.ts';
import { revokeToken } from '../../shared/routes/oauth.ts';
import type { Table } from '../../shared/store/table.ts';
import { type AwsCall, EVERY_CLIENT, watchCalls } from '../support/aws-calls.ts';
import { useStackEnvironment } from '../support/environment.ts';

beforeAll(() => {
  useStackEnvironment();
});

const NOWHERE = 'https://nowhere.invalid';
const verifier = tokenVerifier({ issuer: NOWHERE, jwksUri: NOWHERE, clientId: 'none' });

const serve = (table: Table, pool: UserPool) =>
  httpFunction({ routes: [revokeToken], endpoints: [revokeTokenEndpoint({ table, pool, verifier })] });

test('the rehearsal makes the calls of a token request, none of which leaves the process or is counted', async () => {
  let calls: AwsCall[] = [];
  const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    await rehearse((table, pool) => {
      calls = watchCalls([table.client, pool.client]);
      return serve(table, pool);
    });
    const operations = calls.map(({ operation }) => operation);
    expect(operations).toHaveLength(8);
    for (const [first, second, ...then] of [operations.slice(0, 4), operations.slice(4)]) {
      expect([first, second].sort()).toEqual(['BatchGetItem', 'UpdateItem']);
      expect(then).toEqual(['AdminInitiateAuth', 'BatchWriteItem']);
    }
    expect(written).not.toHaveBeenCalled();
  } finally {
    written.mockRestore();
  }
});

test('a rehearsal that does not end well says so', async () => {
  const other = () => httpFunction({ routes: [], endpoints: [] });
  // The log has the name alone.
  await expect(rehearse(other)).rejects.toMatchObject({
    name: 'Http404',
    message: 'The rehearsal ended with 404',
  });
  const failing = (table: Table, pool: UserPool) => {
    watchCalls([table.client], () => {
      throw new Error('gone');
    });
    return serve(table, pool);
  };
  await expect(rehearse(failing)).rejects.toThrow('The rehearsal ended with 500');
});

test('the token function rehearses beside its real table and pool, of which it reads at init and no more', async () => {
  const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  vi.stubEnv('LOG_LEVEL', 'INFO');
  for (const name of ['TOKEN_ISSUER', 'TOKEN_JWKS_URI', 'PUBLIC_URL']) vi.stubEnv(name, NOWHERE);
  const calls = watchCalls([EVERY_CLIENT]);
  try {
    await import('../../functions/tokens/handler.ts');
    const isStaged = ({ input }: AwsCall) => JSON.stringify(input).includes('"rehearsal"');
    const operations = (some: readonly AwsCall[]) => some.map(({ operation }) => operation).sort();
    const once = ['AdminInitiateAuth', 'BatchGetItem', 'BatchWriteItem', 'UpdateItem'];
    expect(operations(calls.filter(isStaged))).toEqual([...once, ...once].sort());
    expect(operations(calls.filter((call) => !isStaged(call)))).toEqual([
      'BatchGetItem',
      'BatchGetItem',
      'DescribeUserPoolClient',
    ]);
    expect(written).not.toHaveBeenCalled();
  } finally {
    written.mockRestore();
    vi.unstubAllEnvs();
  }
});
