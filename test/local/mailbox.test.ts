import { GetSendQuotaCommand, SendEmailCommand, SendRawEmailCommand } from '@aws-sdk/client-ses';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Mailbox, startMailbox } from '../../infra/local/mailbox.ts';
import { openStateFolder, type StateFolder } from '../../infra/local/state-folder.ts';
import { sesClient, temporaryFolder } from './support.ts';

let state: StateFolder;
let mailbox: Mailbox;
const removals: (() => Promise<void>)[] = [];

beforeAll(async () => {
  state = await openStateFolder(await temporaryFolder((remove) => removals.push(remove)), {});
  mailbox = await startMailbox(state, 0, () => undefined);
});
afterAll(async () => {
  await mailbox.close();
  state.release();
  for (const remove of removals) await remove();
});

const mail = (ToAddresses: string[], Source = 'no-reply@psa.example', tag = 'R_e-1') =>
  new SendEmailCommand({
    Source,
    Tags: [{ Name: 'resetId', Value: tag }],
    Destination: { ToAddresses },
    Message: { Subject: { Data: 's' }, Body: { Text: { Data: 't' } } },
  });

test('an action that the package leaves hanging is answered with an error', async () => {
  await expect(sesClient(mailbox.url).send(new GetSendQuotaCommand())).rejects.toThrow(
    /InvalidAction|GetSendQuota/,
  );
});

test.each([
  [['alice']],
  [['bob@acme.example', 'alice@acme']],
  [['a b@c.example']],
  [['böb@acme.example']],
  [['bob@äcme.example']],
])('a malformed address among %j is refused as SES does', async (addresses) => {
  await expect(sesClient(mailbox.url).send(mail(addresses))).rejects.toMatchObject({
    name: 'InvalidParameterValue',
  });
});

test.each(['', 'a+b', 'ä', 'x'.repeat(256)])('a tag that holds %j is refused as SES does', async (tag) => {
  const sent = sesClient(mailbox.url).send(mail(['bob@acme.example'], undefined, tag));
  await expect(sent).rejects.toMatchObject({ name: 'InvalidParameterValue' });
});

test('a raw mail is kept with what it says', async () => {
  const Data = Buffer.from('From: a@b.example\r\nTo: Al <al@acme.example>\r\nSubject: raw\r\n\r\nHello\r\n');
  const { MessageId } = await sesClient(mailbox.url).send(new SendRawEmailCommand({ RawMessage: { Data } }));
  const store = (await (await fetch(`${mailbox.url}/store`)).json()) as { emails: { messageId: string }[] };
  expect(store.emails.find(({ messageId }) => messageId === MessageId)).toMatchObject({ subject: 'raw' });
});

test('clearing the inbox clears what is kept of it', async () => {
  const client = sesClient(mailbox.url);
  await client.send(mail(['first@acme.example']));
  await fetch(`${mailbox.url}/clear-store`, { method: 'POST' });
  await client.send(mail(['second@acme.example']));
  await mailbox.close();
  mailbox = await startMailbox(state, 0, () => undefined);
  const store = (await (await fetch(`${mailbox.url}/store`)).json()) as {
    emails: { destination: { to: string[] } }[];
  };
  expect(store.emails.map(({ destination }) => destination.to)).toEqual([['second@acme.example']]);
});

test('a taken port is passed over for a free one', async () => {
  const other = await startMailbox(state, Number(new URL(mailbox.url).port), () => undefined);
  expect(other.url).not.toBe(mailbox.url);
  expect((await fetch(`${other.url}/`)).status).toBe(200);
  await other.close();
});

test('the inbox page opens links in a tab of their own', async () => {
  const page = await (await fetch(mailbox.url)).text();
  expect(page).toContain('<base target="_blank">');
  expect(page.trimEnd()).toMatch(/<\/body>\s*<\/html>$/);
});
