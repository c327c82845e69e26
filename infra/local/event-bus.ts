/**
 * PutEvents, of Amazon EventBridge: what is put on the bus is written to a file, one event a line, as a rule's
 * target would get it. https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
 */
import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { ACCOUNT_ID } from './http-event.ts';
import { type ServiceReply, type ServiceRequest, startService } from './service-server.ts';

type Bus = { readonly name: string; readonly region: string; readonly file: string };
type Entry = Readonly<Partial<Record<'Source' | 'DetailType' | 'Detail' | 'EventBusName' | 'Time', unknown>>>;

const ENTRIES_MAX = 10;
/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html */
const ENTRY_BYTES_MAX = 256 * 1024;

export const startEventBus = (bus: Bus) => startService(async (request) => answer(bus, request));

function answer(bus: Bus, { headers, body }: ServiceRequest): ServiceReply {
  const target = headers['x-amz-target'];
  if (target !== 'AWSEvents.PutEvents') {
    return failure('UnknownOperationException', `${String(target)} is not known here`);
  }
  const { Entries } = JSON.parse(body.toString()) as { Entries?: unknown };
  if (!Array.isArray(Entries) || Entries.length === 0 || Entries.length > ENTRIES_MAX) {
    return failure('ValidationException', `Entries must hold 1 to ${ENTRIES_MAX}`);
  }
  const results = (Entries as Entry[]).map((entry) => put(bus, entry));
  const FailedEntryCount = results.filter((result) => 'ErrorCode' in result).length;
  return {
    status: 200,
    headers: { 'content-type': 'application/x-amz-json-1.1' },
    body: { FailedEntryCount, Entries: results },
  };
}

function put(bus: Bus, { Source, DetailType, Detail, EventBusName, Time }: Entry) {
  if (typeof Source !== 'string' || typeof DetailType !== 'string' || typeof Detail !== 'string') {
    return { ErrorCode: 'InvalidArgument', ErrorMessage: 'Source, DetailType and Detail are required' };
  }
  if (EventBusName !== bus.name) {
    return { ErrorCode: 'InvalidArgument', ErrorMessage: `Event bus ${String(EventBusName)} does not exist` };
  }
  if (Buffer.byteLength(`${Source}${DetailType}${Detail}`) > ENTRY_BYTES_MAX) {
    return { ErrorCode: 'InvalidArgument', ErrorMessage: 'Total size of the entry is over the limit' };
  }
  let detail: unknown;
  try {
    detail = JSON.parse(Detail);
  } catch {
    return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
  }
  const EventId = randomUUID();
  const at = typeof Time === 'number' ? new Date(Time * 1000) : new Date();
  const event = {
    version: '0',
    id: EventId,
    'detail-type': DetailType,
    source: Source,
    account: ACCOUNT_ID,
    time: `${at.toISOString().slice(0, 19)}Z`,
    region: bus.region,
    resources: [],
    detail,
  };
  appendFileSync(bus.file, `${JSON.stringify(event)}\n`, { mode: 0o600 });
  return { EventId };
}

const failure = (__type: string, message: string): ServiceReply => ({
  status: 400,
  body: { __type, message },
});
