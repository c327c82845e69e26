import type * as sdk from '@aws-sdk/client-eventbridge';
import { type ClientSettings, JsonClient, type Service } from './json-client.ts';

const SERVICE: Service = { id: 'EVENTBRIDGE', name: 'events', target: 'AWSEvents', jsonVersion: '1.1' };

/** Shapes as the SDK has them, but for times, which are seconds since 1970 as they are sent. */
type EventBridgeOperations = {
  readonly PutEvents: readonly [
    { readonly Entries: readonly Entry[] },
    Omit<sdk.PutEventsCommandOutput, '$metadata'>,
  ];
};
type Entry = Omit<sdk.PutEventsRequestEntry, 'Time'> & { readonly Time: number };

export type EventBridgeClient = JsonClient<EventBridgeOperations>;
export const eventBridgeClient = (settings: ClientSettings): EventBridgeClient =>
  new JsonClient(SERVICE, settings);
