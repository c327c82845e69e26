/**
 * Stands in bundles for @aws-sdk/endpoint-cache. The DynamoDB client makes one at construction, and asks it only
 * when endpoint discovery is switched on, which nothing here does.
 */
export class EndpointCache {
  get = absent;
  set = absent;
  has = absent;
}

function absent(): never {
  throw new Error('Endpoint discovery is not in this bundle (infra/bundle/bundle.ts)');
}
