import { appendFile, cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AdminDeleteUserCommand,
  AdminUserGlobalSignOutCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterEach, describe, expect, it } from 'vitest';
import { given, PASSWORD, refusal, setup, type TestPool } from './setup.ts';

const running: TestPool[] = [];
const directories: string[] = [];

async function start(overrides: Parameters<typeof setup>[0] = {}) {
  const pool = await setup(overrides);
  running.push(pool);
  return pool;
}

/** What a process killed now would leave: the files as they are, without any closing. */
async function afterKill(pool: TestPool): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'user-pool-killed-'));
  directories.push(copy);
  await cp(pool.stateDir, copy, { recursive: true });
  return copy;
}

const journalOf = (stateDir: string) => join(stateDir, 'journal.jsonl');

afterEach(async () => {
  await Promise.all(running.splice(0).map((pool) => pool.stop()));
  await Promise.all(directories.splice(0).map((path) => rm(path, { recursive: true, force: true })));
});

describe('a restart', () => {
  it('keeps ids, secrets, keys, users, tokens, sign-outs, deletions and failed attempts', async () => {
    const before = await start();
    for (const name of ['ann', 'bob', 'signed-out']) await before.addUser(name);
    const { RefreshToken } = await before.tokens('ann');
    const rotated = await before.refresh(RefreshToken);
    const ended = await before.tokens('signed-out');
    await before.sdk.send(new AdminUserGlobalSignOutCommand(before.of('signed-out')));
    await before.sdk.send(new AdminDeleteUserCommand(before.of('bob')));
    for (let n = 0; n < 5; n++) await refusal(before.signIn('guessed', 'wrong password'));

    const after = await start({ stateDir: await afterKill(before) });
    expect(after.pool).toMatchObject({ poolId: before.pool.poolId, clients: before.pool.clients });
    const keys = await Promise.all([before, after].map(async (it) => (await fetch(it.pool.jwksUri)).json()));
    expect(keys[1]).toEqual(keys[0]);
    expect((await after.signIn('ann')).AuthenticationResult).toBeDefined();
    await expect(after.refresh(rotated.RefreshToken)).resolves.toBeDefined();
    expect(await refusal(after.refresh(ended.RefreshToken))).toMatch(/has been revoked/);
    expect(await refusal(after.signIn('bob'))).toMatch(/Incorrect username or password/);
    expect(await refusal(after.signIn('guessed'))).toMatch(/Password attempts exceeded/);
    after.clock.ms += 60_000;
    expect(await refusal(after.refresh(RefreshToken))).toMatch(/^RefreshTokenReuseException/);
  });

  it('compacts the journal without losing anything', async () => {
    const before = await start();
    await before.addUser('ann');
    for (let n = 0; n < 20; n++) await before.setPassword('ann', `${PASSWORD} ${n}`);
    const stateDir = await afterKill(before);
    const { size } = await stat(journalOf(stateDir));
    const after = await start({ stateDir });
    expect((await stat(journalOf(stateDir))).size).toBeLessThan(size / 5);
    await expect(after.signIn('ann', `${PASSWORD} 19`)).resolves.toBeDefined();
  });

  it('forgets families long expired', async () => {
    const before = await start();
    await before.addUser('ann');
    const { RefreshToken } = await before.tokens('ann');
    const stateDir = await afterKill(before);
    const after = await start({ stateDir, now: () => new Date(before.clock.ms + 3 * 24 * 60 * 60 * 1000) });
    expect(await refusal(after.refresh(RefreshToken))).toBe('NotAuthorizedException: Invalid Refresh Token.');
  });
});

describe('a kill in the middle of a write', () => {
  it('loses the torn line only, and later changes are not glued to it', async () => {
    const before = await start();
    await before.addUser('ann');
    const stateDir = await afterKill(before);
    await appendFile(journalOf(stateDir), '{"type":"user-deleted","userna');

    const after = await start({ stateDir });
    await after.addUser('bob');
    const last = await start({ stateDir: await afterKill(after) });
    await expect(last.signIn('ann')).resolves.toBeDefined();
    await expect(last.signIn('bob')).resolves.toBeDefined();
  });

  it('is told apart from damage elsewhere, which is not passed over', async () => {
    const before = await start();
    await before.addUser('ann');
    const stateDir = await afterKill(before);
    const lines = (await readFile(journalOf(stateDir), 'utf8')).split('\n');
    lines[1] = '{"type":';
    await writeFile(journalOf(stateDir), lines.join('\n'));
    expect(await refusal(setup({ stateDir }))).toMatch(/is damaged at line 2/);
  });
});

describe('the state directory', () => {
  it('is for its owner’s eyes, and holds neither passwords nor refresh tokens', async () => {
    const parent = await mkdtemp(join(tmpdir(), 'user-pool-'));
    directories.push(parent);
    const pool = await start({ stateDir: join(parent, 'made', 'here') });
    await pool.addUser('ann');
    const { RefreshToken } = await pool.tokens('ann');
    for (const name of await readdir(pool.stateDir)) {
      const file = join(pool.stateDir, name);
      expect((await stat(file)).mode & 0o077).toBe(0);
      const text = await readFile(file, 'utf8');
      expect(text).not.toContain(PASSWORD);
      expect(text).not.toContain(given(RefreshToken));
    }
  });

  it('belongs to one region', async () => {
    const pool = await start();
    const stateDir = await afterKill(pool);
    expect(await refusal(setup({ stateDir, region: 'us-east-1' }))).toMatch(
      /is a pool of region eu-central-1/,
    );
  });

  it('is left alone by a second start on a taken port', async () => {
    const pool = await start();
    await pool.addUser('ann');
    const port = Number(new URL(pool.pool.url).port);
    expect(await refusal(setup({ stateDir: pool.stateDir, port }))).toMatch(/EADDRINUSE/);
    await pool.addUser('bob');
    const after = await start({ stateDir: await afterKill(pool) });
    await expect(after.signIn('bob')).resolves.toBeDefined();
  });
});
