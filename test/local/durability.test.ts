/** What a kill -9 leaves: no process, and everything that was acknowledged. */
import { type ChildProcess, fork } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { SendEmailCommand } from '@aws-sdk/client-ses';
import { expect, onTestFinished, test } from 'vitest';
import { type ProcessRecord, processIdentity } from '../../infra/local/process-identity.ts';
import { type Stack, startStack } from '../../infra/local/stack.ts';
import { fixtureStack } from './fixtures/functions.ts';
import { allGone, eventually, linesOf, sesClient, tableClient, temporaryFolder } from './support.ts';

type Told = Pick<Stack, 'endpoints' | 'url' | 'inboxUrl' | 'tableName'> & { processIds: number[] };
const RUN_STACK = fileURLToPath(new URL('fixtures/run-stack.ts', import.meta.url));

async function startElsewhere(stateDir: string): Promise<{ child: ChildProcess; told: Told }> {
  const child = fork(RUN_STACK, [stateDir], { execArgv: [], stdio: 'inherit' });
  onTestFinished(() => void child.kill('SIGKILL'));
  const told = await new Promise<Told>((resolve, reject) => {
    child.once('message', (message) => resolve(message as Told));
    child.once('exit', (code) => reject(new Error(`ended with ${code}`)));
  });
  return { child, told };
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}

const mailsOf = async (inboxUrl: string) => {
  const store = (await (await fetch(`${inboxUrl}/store`)).json()) as {
    emails: { messageId: string; subject: string; at: number }[];
  };
  return store.emails;
};

test('after a kill -9 no process is left, and table, inbox, keys and stream go on where they were', async () => {
  const folder = await temporaryFolder();
  const stateDir = join(folder, 'state');
  const notes = join(folder, 'notes.txt');
  const { child, told } = await startElsewhere(stateDir);
  const note = (name: string) => ({
    TableName: told.tableName,
    Item: {
      PK: { S: 'N' },
      SK: { S: name },
      type: { S: 'note' },
      state: { S: 'new' },
      file: { S: notes },
    },
  });
  await tableClient(told.endpoints.dynamodb).send(new PutItemCommand(note('early')));
  await sesClient(told.endpoints.ses).send(
    new SendEmailCommand({
      Source: 'A <no-reply@psa.example>',
      Destination: { ToAddresses: ['alice@acme.example'] },
      Message: { Subject: { Data: 'Grüße' }, Body: { Text: { Data: 'Hello' } } },
    }),
  );
  const mails = await mailsOf(told.inboxUrl);
  expect(mails).toMatchObject([{ subject: 'Grüße' }]);
  await eventually(async () => ((await linesOf(notes)).length === 1 ? true : undefined));
  const credentials = await readFile(join(stateDir, 'aws-credentials'), 'utf8');
  // Once the batch was dealt with, it is behind the checkpoint.
  await eventually(() => readFile(join(stateDir, 'stream', 'collect.json'), 'utf8').catch(() => undefined));
  // This one is still to be delivered when the kill comes, or just delivered.
  await tableClient(told.endpoints.dynamodb).send(new PutItemCommand(note('late')));
  await kill(child);
  expect(told.processIds.length).toBeGreaterThan(5);
  await allGone(told.processIds);

  const stack = await startStack({ ...fixtureStack, stateDir });
  onTestFinished(() => stack.close());
  const { Item } = await tableClient(stack.endpoints.dynamodb).send(
    new GetItemCommand({ TableName: stack.tableName, Key: { PK: { S: 'N' }, SK: { S: 'early' } } }),
  );
  expect(Item?.file?.S).toBe(notes);
  expect(await mailsOf(stack.inboxUrl)).toEqual(mails);
  expect(await readFile(stack.operator.credentialsFile, 'utf8')).toBe(credentials);
  await eventually(async () => ((await linesOf(notes)).includes('INSERT late') ? true : undefined));
  const lines = await linesOf(notes);
  expect(lines.filter((line) => line === 'INSERT early')).toHaveLength(1);
});

test('a table engine that outlived its stack and its keeper is ended by the next start', async () => {
  const stateDir = await temporaryFolder();
  const { child } = await startElsewhere(stateDir);
  const processes = JSON.parse(await readFile(join(stateDir, 'processes.json'), 'utf8')) as ProcessRecord[];
  const [engine, keeper] = ['table engine', "table engine's keeper"].map(
    (wanted) => processes.find(({ what }) => what === wanted)?.pid ?? 0,
  );
  process.kill(keeper ?? 0, 'SIGKILL');
  await kill(child);
  expect(processIdentity(engine ?? 0)).toBeDefined();
  const stack = await startStack({ ...fixtureStack, stateDir });
  onTestFinished(() => stack.close());
  expect(processIdentity(engine ?? 0)).toBeUndefined();
});

test('a lock and process list of a stack that is gone are taken over, also half-written ones', async () => {
  const stateDir = await temporaryFolder();
  await writeFile(join(stateDir, 'lock'), '{"pid":');
  // Our own process under another identity: the id came round again.
  await writeFile(
    join(stateDir, 'processes.json'),
    JSON.stringify([{ pid: process.pid, identity: 'another boot/1', what: 'engine' }]),
  );
  await writeFile(join(stateDir, 'mailbox.jsonl'), '{"messageId":"torn');
  await writeFile(join(stateDir, 'mine.txt'), 'not ours to delete');
  const stack = await startStack({ ...fixtureStack, stateDir, fresh: true });
  expect(await mailsOf(stack.inboxUrl)).toEqual([]);
  await stack.close();
  await allGone(stack.processIds());
  expect(await readFile(join(stateDir, 'mine.txt'), 'utf8')).toBe('not ours to delete');
  await expect(readFile(join(stateDir, 'lock'))).rejects.toThrow('ENOENT');
});

test('a torn mail at the end of the inbox is dropped, the mails before it stay', async () => {
  const stateDir = await temporaryFolder();
  const whole = {
    messageId: 'ses-1',
    from: 'a@b.example',
    replyTo: [],
    destination: { to: [], cc: [], bcc: [] },
    subject: 'whole',
    body: {},
    attachments: [],
    at: 1,
  };
  await writeFile(join(stateDir, 'mailbox.jsonl'), `${JSON.stringify(whole)}\n{"messageId":"to`);
  const stack = await startStack({ ...fixtureStack, functions: [], stateDir });
  onTestFinished(() => stack.close());
  expect(await mailsOf(stack.inboxUrl)).toMatchObject([{ subject: 'whole' }]);
});
