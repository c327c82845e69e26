/** Stands in bundles for @smithy/core/event-streams: no call of ours answers a stream of events. */
export class EventStreamSerde {
  constructor() {
    throw new Error('Event streams are not in this bundle (infra/bundle/bundle.ts)');
  }
}

export function eventStreamSerdeProvider(): never {
  throw new Error('Event streams are not in this bundle (infra/bundle/bundle.ts)');
}
