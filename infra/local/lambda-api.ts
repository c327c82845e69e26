/**
 * Invoke, of Lambda's own API: how operators start a function by hand.
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
import type { Outcome } from './functions.ts';
import { type ServiceReply, type ServiceRequest, startService } from './service-server.ts';
import { isSignedBy, type KeyPair } from './signature.ts';

type Backend = {
  /** As CDK names functions: `psa-accounts-<stage>-`. */
  readonly prefix: string;
  readonly names: readonly string[];
  readonly operator: KeyPair & { readonly region: string };
  readonly invoke: (name: string, event: unknown) => Promise<Outcome>;
};

const INVOKE = /^\/2015-03-31\/functions\/([^/?]+)\/invocations(?:\?.*)?$/;

export const startLambdaApi = (backend: Backend) => startService((request) => answer(backend, request));

async function answer(backend: Backend, request: ServiceRequest): Promise<ServiceReply> {
  const { operator, prefix, names } = backend;
  const [, encoded] = INVOKE.exec(request.target) ?? [];
  if (request.method !== 'POST' || encoded === undefined) {
    return failure(404, 'UnknownOperationException', 'Only Invoke is known here');
  }
  if (!isOperators(operator, request)) {
    return failure(403, 'AccessDeniedException', 'The signature is not of the operator of this stack');
  }
  const functionName = decodeURIComponent(encoded);
  const name = names.find((one) => `${prefix}${one}` === functionName);
  if (name === undefined) {
    return failure(404, 'ResourceNotFoundException', `Function not found: ${functionName}`);
  }
  let event: unknown;
  try {
    event = request.body.length === 0 ? {} : JSON.parse(request.body.toString());
  } catch {
    return failure(400, 'InvalidRequestContentException', 'Could not parse request body into json');
  }
  const type = request.headers['x-amz-invocation-type'] ?? 'RequestResponse';
  if (type === 'Event') {
    void backend.invoke(name, event);
    return { status: 202 };
  }
  if (type !== 'RequestResponse') {
    return failure(400, 'InvalidParameterValueException', `InvocationType ${String(type)} is not known here`);
  }
  const outcome = await backend.invoke(name, event);
  if (outcome.ok) return { status: 200, body: outcome.payload };
  return {
    status: 200,
    headers: { 'x-amz-function-error': 'Unhandled' },
    body: { errorType: outcome.error, errorMessage: outcome.message },
  };
}

function isOperators(
  operator: Backend['operator'],
  { method, target, headers, body }: ServiceRequest,
): boolean {
  const [rawPath = '', rawQueryString = ''] = target.split('?', 2);
  const single = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
  const request = { method, rawPath, rawQueryString, headers: single, body, service: 'lambda' };
  return isSignedBy(operator, operator.region, request, new Date());
}

const failure = (status: number, type: string, Message: string): ServiceReply => ({
  status,
  headers: { 'x-amzn-errortype': type },
  body: { Type: 'User', Message },
});
