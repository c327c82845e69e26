import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { type Mail, readInbox } from '../../infra/local/clients.ts';
import type { RunningStack } from './global-setup.ts';

/** Everything that a run of the suite leaves behind, as it can be read. */
export type Traces = {
  readonly logs: Readonly<Record<string, string>>;
  readonly items: readonly Readonly<Record<string, unknown>>[];
  readonly mails: readonly Mail[];
};

/** What the tests type as passwords, right and wrong ones. */
const PASSWORDS = [
  'seventeen quiet lanterns',
  'correct horse battery',
  'nine wandering teacups',
  'eleven patient harbours',
  'nine returning harbours',
  'nine refused harbours',
  '100% Zwölf + 3',
  '100% twelve + 3',
  'Zwölf % Möwen',
  'wrong wrong wrong',
  'not the password of it',
  'typed by an admin once',
];
/** An access, ID or refresh token of Cognito's making: the head of a JWS or JWE. */
const TOKEN = /eyJ[\w-]{10,}\.[\w-]{10,}/;
const LINK_SECRET = /\/password\/new\?link=[\w-]+\.([\w-]{20,})/;
const ADDRESS = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g;
/** Longest part of a leak that is told. */
const TOLD_LENGTH = 120;

/**
 * S13: passwords, tokens, reset secrets and mail addresses stand in no log line and no audit record; passwords,
 * tokens and reset secrets in no item at all; in a mail only the addressee's own.
 */
export function leaksIn({ logs, items, mails }: Traces): string[] {
  const secrets = mails.flatMap(({ text }) => LINK_SECRET.exec(text)?.[1] ?? []);
  const addresses = new Set([
    ...mails.flatMap(({ to }) => to),
    ...items.flatMap(({ type, emailAddress }) =>
      type === 'employee' && typeof emailAddress === 'string' ? [emailAddress] : [],
    ),
  ]);
  const secretIn = (text: string) =>
    TOKEN.exec(text)?.[0] ?? [...PASSWORDS, ...secrets].find((canary) => text.includes(canary));
  const addressIn = (text: string) => text.match(ADDRESS)?.find((found) => addresses.has(found));
  const told = (where: string, canary: string | undefined) =>
    canary === undefined ? [] : [`${where}: ${canary.slice(0, TOLD_LENGTH)}`];
  return [
    ...Object.entries(logs).flatMap(([name, text]) => told(`log ${name}`, secretIn(text) ?? addressIn(text))),
    ...items.flatMap((item) => {
      const text = JSON.stringify(item, (_, value: unknown) => (value instanceof Set ? [...value] : value));
      const audit = item.type === 'audit' ? addressIn(text) : undefined;
      return told(`item ${String(item.type)} ${String(item.PK)}`, secretIn(text) ?? audit);
    }),
    ...mails.flatMap(({ to, subject, text, html }) => {
      const all = [subject, text, html].join('\n');
      const strange = all.match(ADDRESS)?.find((found) => addresses.has(found) && !to.includes(found));
      const password = PASSWORDS.find((canary) => all.includes(canary));
      const links = new Set([...all.matchAll(new RegExp(LINK_SECRET, 'g'))].map(([, secret]) => secret));
      const second = links.size > 1 ? 'two links' : undefined;
      return told(`mail "${subject}"`, TOKEN.exec(all)?.[0] ?? password ?? strange ?? second);
    }),
  ];
}

/** Reads what the running stack has written up to now. */
export async function tracesOf(
  stack: Pick<RunningStack, 'inboxUrl' | 'tableName' | 'endpoints' | 'operator' | 'eventsFile'>,
  folder: string,
): Promise<Traces> {
  const client = new DynamoDBClient({
    region: stack.operator.region,
    endpoint: stack.endpoints.dynamodb,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const items: Record<string, unknown>[] = [];
  for await (const { Items = [] } of paginateScan({ client }, { TableName: stack.tableName })) {
    items.push(...Items.map((item) => unmarshall(item)));
  }
  client.destroy();
  const logs: Record<string, string> = {};
  for (const part of ['logs', 'dead-letters']) {
    for (const name of await readdir(join(folder, part))) {
      logs[`${part}/${name}`] = await readFile(join(folder, part, name), 'utf8');
    }
  }
  // Events leave for whoever listens: no less public than a log.
  logs['events.jsonl'] = await readFile(stack.eventsFile, 'utf8').catch(() => '');
  return { logs, items, mails: await readInbox(stack.inboxUrl) };
}
