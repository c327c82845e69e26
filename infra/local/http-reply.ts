/** A function's result as an HTTP API turns it into a reply (response format 2.0). */
export type HttpReply = {
  readonly statusCode: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer;
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Set by API Gateway itself. */
const RESERVED = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'te',
]);

export const gatewayMessage = (statusCode: number, message: string): HttpReply => ({
  statusCode,
  headers: [['content-type', 'application/json']],
  body: Buffer.from(JSON.stringify({ message })),
});

/** What API Gateway answers when a function fails, or answers what is no reply. */
export const INTERNAL_SERVER_ERROR = gatewayMessage(500, 'Internal Server Error');

export function toReply(payload: unknown): HttpReply {
  if (!isObject(payload) || payload.statusCode === undefined) {
    // Without a status code the whole result is the body.
    const body = typeof payload === 'string' ? payload : JSON.stringify(payload ?? null);
    return { statusCode: 200, headers: [['content-type', 'application/json']], body: Buffer.from(body) };
  }
  const statusCode = Number(payload.statusCode);
  const { headers = {}, cookies = [], body = '', isBase64Encoded = false } = payload;
  if (!Number.isInteger(statusCode) || statusCode < 200 || statusCode > 599) return INTERNAL_SERVER_ERROR;
  if (typeof (body ?? '') !== 'string' || !isObject(headers ?? {}) || !Array.isArray(cookies ?? [])) {
    return INTERNAL_SERVER_ERROR;
  }
  const sent: [string, string][] = [];
  for (const [name, value] of Object.entries((headers ?? {}) as Record<string, unknown>)) {
    if (!['string', 'number', 'boolean'].includes(typeof value)) return INTERNAL_SERVER_ERROR;
    if (!RESERVED.has(name.toLowerCase())) sent.push([name.toLowerCase(), String(value)]);
  }
  for (const cookie of (cookies ?? []) as unknown[]) sent.push(['set-cookie', String(cookie)]);
  if (!sent.some(([name]) => name === 'content-type'))
    sent.push(['content-type', 'text/plain;charset=UTF-8']);
  return {
    statusCode,
    headers: sent,
    body: Buffer.from((body ?? '') as string, isBase64Encoded === true ? 'base64' : 'utf8'),
  };
}
