/**
 * API Gateway's payload format 2.0.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
import type { Match } from './routing.ts';

export type HttpRequest = {
  readonly method: string;
  readonly rawPath: string;
  readonly rawQueryString: string;
  /** Names and values in turn, as they came over the wire. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  readonly protocol: string;
  readonly sourceIp: string;
  readonly port: number;
};

export type IamIdentity = {
  readonly accessKey: string;
  readonly accountId: string;
  readonly callerId: string;
  readonly cognitoIdentity: null;
  readonly principalOrgId: string;
  readonly userArn: string;
  readonly userId: string;
};

export const ACCOUNT_ID = '000000000000';
const API_ID = 'local';

/** Names in lower case; what came more than once is joined by commas. Cookies stand apart. */
export function headersOf(rawHeaders: readonly string[]) {
  const headers: Record<string, string> = {};
  const cookies: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    const value = rawHeaders[index + 1] ?? '';
    if (name === 'cookie') {
      cookies.push(
        ...value
          .split(';')
          .map((cookie) => cookie.trim())
          .filter((cookie) => cookie !== ''),
      );
      continue;
    }
    const earlier = headers[name];
    headers[name] = earlier === undefined ? value : `${earlier},${value}`;
  }
  return { headers, cookies };
}

/** All other types, forms and multipart among them, arrive base64-encoded. */
const TEXT_TYPES = new Set(['application/json', 'application/javascript', 'application/xml']);
const isText = (contentType: string | undefined) => {
  const mediaType = (contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  return mediaType.startsWith('text/') || TEXT_TYPES.has(mediaType);
};

function queryOf(rawQueryString: string): Record<string, string> {
  const query: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(rawQueryString)) {
    const earlier = Object.hasOwn(query, name) ? query[name] : undefined;
    query[name] = earlier === undefined ? value : `${earlier},${value}`;
  }
  return query;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The time format of web server logs: `12/Mar/2020:19:03:58 +0000`. */
function logTime(now: Date): string {
  const day = String(now.getUTCDate()).padStart(2, '0');
  return `${day}/${MONTHS[now.getUTCMonth()]}/${now.getUTCFullYear()}:${now.toISOString().slice(11, 19)} +0000`;
}

/** In spite of its name an HTTP API decodes it: https://github.com/honojs/hono/issues/2156 */
function asHanded(rawPath: string): string {
  try {
    return decodeURIComponent(rawPath);
  } catch {
    return rawPath;
  }
}

export function toEvent(
  request: HttpRequest,
  match: Match,
  meta: { readonly requestId: string; readonly now: Date; readonly iam?: IamIdentity },
) {
  const { headers, cookies } = headersOf(request.rawHeaders);
  const { body, rawQueryString } = request;
  const rawPath = asHanded(request.rawPath);
  const text = isText(headers['content-type']);
  const domainName = (headers.host ?? '127.0.0.1').replace(/:\d+$/, '');
  const { now, requestId, iam } = meta;
  const forwarded = headers['x-forwarded-for'];
  const epochSeconds = Math.floor(now.getTime() / 1000).toString(16);
  return {
    version: '2.0',
    routeKey: match.routeKey,
    rawPath,
    rawQueryString,
    ...(cookies.length > 0 ? { cookies } : {}),
    headers: {
      ...headers,
      'x-amzn-trace-id': `Root=1-${epochSeconds}-${crypto.randomUUID().replaceAll('-', '').slice(0, 24)}`,
      'x-forwarded-for': forwarded === undefined ? request.sourceIp : `${forwarded}, ${request.sourceIp}`,
      'x-forwarded-port': String(request.port),
      'x-forwarded-proto': 'http',
    },
    ...(rawQueryString === '' ? {} : { queryStringParameters: queryOf(rawQueryString) }),
    requestContext: {
      accountId: ACCOUNT_ID,
      apiId: API_ID,
      ...(iam === undefined ? {} : { authorizer: { iam } }),
      domainName,
      domainPrefix: domainName.split('.')[0] ?? '',
      http: {
        method: request.method,
        path: rawPath,
        protocol: request.protocol,
        sourceIp: request.sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId,
      routeKey: match.routeKey,
      stage: '$default',
      time: logTime(now),
      timeEpoch: now.getTime(),
    },
    ...(Object.keys(match.pathParameters ?? {}).length > 0 ? { pathParameters: match.pathParameters } : {}),
    ...(body.length > 0 ? { body: body.toString(text ? 'utf8' : 'base64') } : {}),
    isBase64Encoded: body.length > 0 && !text,
  };
}
