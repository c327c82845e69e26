/** Records of DynamoDB Streams as Lambda hands them to a function, and the filters in between. */
import type { _Record, AttributeValue } from '@aws-sdk/client-dynamodb-streams';
import type { Trigger } from '../functions.ts';

export type StreamRecord = ReturnType<typeof toLambdaRecord>;
export type StreamFilters = Extract<Trigger, { kind: 'stream' }>['filters'];

type Image = Record<string, AttributeValue>;
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');

/** Lambda's events are JSON: binary values stand in base64. */
function toJson(value: AttributeValue): unknown {
  if (value.B !== undefined) return { B: base64(value.B) };
  if (value.BS !== undefined) return { BS: value.BS.map(base64) };
  if (value.L !== undefined) return { L: value.L.map(toJson) };
  if (value.M !== undefined) return { M: imageToJson(value.M) };
  return value;
}

const imageToJson = (image: Image) =>
  Object.fromEntries(Object.entries(image).map(([name, value]) => [name, toJson(value)]));

/** https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html */
export function toLambdaRecord(record: _Record, source: { streamArn: string; region: string }) {
  const { Keys, NewImage, OldImage, SequenceNumber, SizeBytes, StreamViewType } = record.dynamodb ?? {};
  const createdAt = record.dynamodb?.ApproximateCreationDateTime ?? new Date();
  return {
    eventID: record.eventID ?? '',
    eventName: record.eventName ?? 'MODIFY',
    eventVersion: record.eventVersion ?? '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: source.region,
    dynamodb: {
      ApproximateCreationDateTime: Math.floor(createdAt.getTime() / 1000),
      ...(Keys ? { Keys: imageToJson(Keys) } : {}),
      ...(NewImage ? { NewImage: imageToJson(NewImage) } : {}),
      ...(OldImage ? { OldImage: imageToJson(OldImage) } : {}),
      SequenceNumber: SequenceNumber ?? '',
      SizeBytes,
      StreamViewType,
    },
    ...(record.userIdentity
      ? {
          userIdentity: {
            type: record.userIdentity.Type,
            principalId: record.userIdentity.PrincipalId,
          },
        }
      : {}),
    eventSourceARN: source.streamArn,
  };
}

export function passes(filters: StreamFilters, record: _Record): boolean {
  const image = record.eventName === 'REMOVE' ? record.dynamodb?.OldImage : record.dynamodb?.NewImage;
  return filters.some(
    ({ eventNames, attributes }) =>
      eventNames.some((name) => name === record.eventName) &&
      Object.entries(attributes).every(([name, allowed]) => allowed.includes(image?.[name]?.S ?? '')),
  );
}
