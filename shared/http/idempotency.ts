import { setTimeout as sleep } from 'node:timers/promises';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { systemClock } from '../clock.ts';
import { sha256 } from '../ids.ts';
import { errorFields, logError } from '../log.ts';
import type { Refusal } from '../refusal.ts';
import { type Route, routeKey, takesIdempotencyKey } from '../routes/route.ts';
import { type Decision, granted, refused } from '../rules/decision.ts';
import {
  claimKey,
  type KeptReply,
  type KeyClaim,
  type KeyedRequest,
  keepReply,
  readKey,
  releaseKey,
  type Standing,
} from '../store/idempotency.ts';
import { type Table, transact } from '../store/table.ts';
import type { Answer, BearerActor, Call, OperatorActor } from './call.ts';
import { answerReply, type Reply } from './reply.ts';

type Keep = Call<Route>['keep'];
/** `lasting`: the same request would be answered so again; what may pass is not kept. */
export type Performed = { readonly reply: Reply; readonly lasting: boolean };
type KeyRefusal = Extract<
  Refusal,
  { reason: 'invalid_fields' | 'idempotency_key_reused' | 'request_in_flight' }
>;

/** Printable ASCII, as a header may hold it; UUIDs are the custom. */
const KEY = /^[\x21-\x7e]{1,255}$/;
/** DynamoDB's items hold 400 KB; a longer reply is not kept, and its key is free again. */
const LONGEST_REPLY_BYTES = 300 * 1024;
/** How long a request waits for the answer of its twin under way. */
const WAIT_MILLISECONDS = 10_000;
const FIRST_PAUSE_MILLISECONDS = 40;
const LONGEST_PAUSE_MILLISECONDS = 500;

/** The request under its Idempotency-Key; undefined without one, and on routes that take none. */
export function keyedRequest(
  route: Route,
  event: APIGatewayProxyEventV2,
  actor: BearerActor | OperatorActor,
): Decision<KeyedRequest | undefined, KeyRefusal> {
  const key = event.headers['idempotency-key'];
  if (!takesIdempotencyKey(route) || key === undefined) return granted(undefined);
  if (!KEY.test(key)) {
    const problem = 'Idempotency-Key must be 1 to 255 printable ASCII characters without spaces';
    return refused({ reason: 'invalid_fields', problems: [problem] });
  }
  return granted({
    actor:
      actor.kind === 'operator' ? `operator\n${actor.arn}` : `${actor.tenant.tenant}\n${actor.employee.id}`,
    operation: routeKey(route),
    key,
    hash: sha256([event.rawPath, event.rawQueryString, event.body ?? ''].join('\n')),
  });
}

/** Handed to the functions that take keys, as the store behind it is. */
export type OnceOnly = typeof onceOnly;

/** Does the work once for each key (R8): who comes later, or at the same time, gets the same answer. */
export async function onceOnly(
  table: Table,
  request: KeyedRequest,
  perform: (keep: Keep) => Promise<Performed>,
): Promise<Decision<Reply, KeyRefusal>> {
  const deadline = Date.now() + WAIT_MILLISECONDS;
  let standing: Standing | undefined = await claimKey(table, request, systemClock());
  let pause = FIRST_PAUSE_MILLISECONDS;
  while (standing === undefined || standing.state === 'in_flight') {
    if (Date.now() > deadline) return refused({ reason: 'request_in_flight' });
    await sleep(pause * (0.5 + Math.random()));
    pause = Math.min(pause * 2, LONGEST_PAUSE_MILLISECONDS);
    standing = (await readKey(table, request)) ?? (await claimKey(table, request, systemClock()));
  }
  if (standing.state === 'other_request') return refused({ reason: 'idempotency_key_reused' });
  if (standing.state === 'done') return granted({ ...standing.reply });
  return granted(await performClaimed(table, standing.claim, perform));
}

async function performClaimed(
  table: Table,
  claim: KeyClaim,
  perform: (keep: Keep) => Promise<Performed>,
): Promise<Reply> {
  let inTransaction = false;
  const keep: Keep = (answer: Answer) => {
    const reply = answerReply(answer);
    inTransaction = fits(reply);
    return inTransaction ? [keepReply(claim, keptReply(reply))] : [];
  };
  let performed: Performed;
  try {
    performed = await perform(keep);
  } catch (error) {
    await settled(() => releaseKey(table, claim));
    throw error;
  }
  const { reply, lasting } = performed;
  if (!lasting || !fits(reply)) await settled(() => releaseKey(table, claim));
  else if (!inTransaction || reply.statusCode !== 200) {
    await settled(() => transact(table, [keepReply(claim, keptReply(reply))]));
  }
  return reply;
}

/** What becomes of the record does not change the answer. If it cannot be written, the key's lease runs out. */
async function settled(work: () => Promise<unknown>): Promise<void> {
  await work().catch((error: unknown) => logError('idempotency_failed', errorFields(error)));
}

const fits = ({ body }: Reply) => Buffer.byteLength(body ?? '') <= LONGEST_REPLY_BYTES;

function keptReply({ statusCode = 200, headers, body = '' }: Reply): KeptReply {
  return { statusCode, headers, body };
}
