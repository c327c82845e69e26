/**
 * aws-ses-v2-local behind a small front that makes good what the package lacks: accepted mail is written down
 * before it is acknowledged, unknown actions are answered instead of hanging, malformed addresses are refused, and
 * errors are in the XML that an SES client reads.
 */
import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import sesLocal from 'aws-ses-v2-local';
import { clearStore, type Email, getStoreReadonly, saveEmail } from 'aws-ses-v2-local/dist/store.js';
import { liveWithStack, tellStack } from './child.ts';
import { improveInbox } from './inbox-page.ts';
import { refuseSend, sesError } from './ses-errors.ts';

export type FromMailbox =
  | { readonly kind: 'ready'; readonly port: number }
  | { readonly kind: 'failed'; readonly message: string };

const HOST = '127.0.0.1';
const [preferredPort = '0', journalFile = ''] = process.argv.slice(2);

type Reply = { readonly status: number; readonly type: string; readonly body: Buffer | string };

/** One line of JSON for each mail. A torn last line was never acknowledged, and is dropped. */
function restore(descriptor: number): number {
  const text = readFileSync(journalFile, 'utf8');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  for (const line of whole.split('\n')) if (line !== '') saveEmail(JSON.parse(line) as Email);
  const size = Buffer.byteLength(whole);
  ftruncateSync(descriptor, size);
  return size;
}

async function readAll(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function passOn(upstream: string, incoming: IncomingMessage, body: Buffer): Promise<Reply> {
  const { authorization, 'content-type': contentType } = incoming.headers;
  const answer = await fetch(`${upstream}${incoming.url}`, {
    method: incoming.method ?? 'GET',
    headers: {
      ...(authorization ? { authorization } : {}),
      ...(contentType ? { 'content-type': contentType } : {}),
    },
    ...(body.length > 0 ? { body: new Uint8Array(body) } : {}),
  });
  return {
    status: answer.status,
    type: answer.headers.get('content-type') ?? 'text/plain',
    body: Buffer.from(await answer.arrayBuffer()),
  };
}

function makeFront(upstream: string, descriptor: number): Server {
  let size = restore(descriptor);
  /** Synchronous, so that no acknowledgement overtakes it. */
  const writeDown = (messageId: string | undefined) => {
    const email = getStoreReadonly().emails.findLast((kept) => kept.messageId === messageId);
    if (email === undefined) throw new Error(`The mail ${messageId} is not in the store`);
    const line = Buffer.from(`${JSON.stringify(email)}\n`);
    for (let written = 0; written < line.length; ) {
      written += writeSync(descriptor, line, written, line.length - written, size + written);
    }
    size += line.length;
  };
  const act = async (incoming: IncomingMessage, body: Buffer): Promise<Reply> => {
    const fields = new URLSearchParams(body.toString('utf8'));
    const refusal = refuseSend(fields);
    if (refusal !== undefined) return refusal;
    const reply = await passOn(upstream, incoming, body);
    const text = reply.body.toString('utf8');
    if (reply.status !== 200) return sesError(reply.status, 'InvalidParameterValue', text);
    writeDown(/<MessageId>([^<]*)<\/MessageId>/.exec(text)?.[1]);
    return { ...reply, type: 'text/xml' };
  };
  const answer = async (incoming: IncomingMessage): Promise<Reply> => {
    const body = await readAll(incoming);
    const { pathname } = new URL(incoming.url ?? '/', upstream);
    if (incoming.method === 'POST' && pathname === '/') return act(incoming, body);
    if (incoming.method === 'POST' && pathname === '/clear-store') {
      clearStore();
      ftruncateSync(descriptor, 0);
      size = 0;
      return { status: 200, type: 'application/json', body: '{"message":"Store cleared"}' };
    }
    if (incoming.method !== 'GET') {
      return { status: 404, type: 'text/plain', body: 'Only SES version 1 is spoken here.\n' };
    }
    const reply = await passOn(upstream, incoming, body);
    return pathname === '/' ? { ...reply, body: improveInbox(reply.body.toString('utf8')) } : reply;
  };
  return createServer((incoming, response) => {
    answer(incoming)
      .catch((error: unknown): Reply => {
        console.error(error);
        return sesError(500, 'InternalFailure', 'The local mailbox failed; see its log.');
      })
      .then((reply) => write(response, reply));
  });
}

function write(response: ServerResponse, { status, type, body }: Reply): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, () => resolve((server.address() as AddressInfo).port));
  });
}

async function main(): Promise<number> {
  const ses = await sesLocal.default({ host: HOST, port: 0 });
  const address = ses.address();
  // On a taken port the package resolves as if it had started.
  if (typeof address !== 'object' || address === null) throw new Error('aws-ses-v2-local does not listen');
  const descriptor = openSync(journalFile, 'a+', 0o600);
  closeSync(descriptor);
  const front = makeFront(`http://${HOST}:${address.port}`, openSync(journalFile, 'r+'));
  return listen(front, Number(preferredPort)).catch(() => listen(front, 0));
}

liveWithStack();
try {
  tellStack<FromMailbox>({ kind: 'ready', port: await main() });
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  tellStack<FromMailbox>({ kind: 'failed', message }, () => process.exit(1));
}
