import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as v from 'valibot';
import type { InputRefusal } from '../refusal.ts';
import { DEFAULT_BODY_LIMIT_BYTES, MEDIA_TYPES, type Route } from '../routes/route.ts';
import { type Decision, granted, refused } from '../rules/decision.ts';
import { doubledKeys } from './doubled-keys.ts';
import { parseMultipart } from './multipart.ts';

type Parsed = { readonly params: unknown; readonly query: unknown; readonly body: unknown };
type Fields = Record<string, unknown>;

const NO_FIELDS = v.strictObject({});
/** What API Gateway puts in place of bytes that are no UTF-8: a name would be stored with its letters lost. */
const LOST_CHARACTER = '\uFFFD';
/** What OAuth does not know, it ignores (RFC 6749 3.2); addresses of pages pick things up on their way by mail. */
const TAKES_STRAY_QUERIES: ReadonlySet<Route['style']> = new Set(['oauth', 'page']);

/**
 * Generated clients send every filter, filled in or not: to a call that reads, an empty one is none. To a call that
 * changes something, an empty `DryRun=` must not mean that it is in earnest.
 */
const emptyMeans = ({ method, style }: Route) => (method === 'GET' && style === 'v2' ? 'absent' : 'empty');

/** Parses path, query and body by the route's schemas; every wrong field of all three is named at once. */
export async function parseInput(
  route: Route,
  event: APIGatewayProxyEventV2,
): Promise<Decision<Parsed, InputRefusal>> {
  const body = route.body === undefined ? readNoBody(event) : await readBody(route.body, event);
  if (!body.ok) return body;
  const querySchema = route.query ?? (TAKES_STRAY_QUERIES.has(route.style) ? undefined : NO_FIELDS);
  const query =
    querySchema === undefined ? granted(undefined) : readQuery(event.rawQueryString ?? '', querySchema);
  if (!query.ok) return query;
  const problems: string[] = [];
  const parsed = {
    params: check(route.params, { ...event.pathParameters }, problems),
    query: check(querySchema, query.value, problems, emptyMeans(route)),
    body: check(route.body?.schema, body.value, problems),
  };
  return problems.length === 0 ? granted(parsed) : refused({ reason: 'invalid_fields', problems });
}

/** Some clients send an empty object with every call; it names nothing that would be missed. */
function readNoBody(event: APIGatewayProxyEventV2): Decision<undefined, InputRefusal> {
  const body = event.body ?? '';
  const text = event.isBase64Encoded ? Buffer.from(body, 'base64').toString('latin1') : body;
  return /^\s*(\{\s*\}\s*)?$/.test(text) ? granted(undefined) : refused({ reason: 'body_not_taken' });
}

/** The body's fields, before the schema is asked. */
export async function readBody(
  spec: NonNullable<Route['body']>,
  event: APIGatewayProxyEventV2,
): Promise<Decision<unknown, InputRefusal>> {
  const limitBytes = spec.limitBytes ?? DEFAULT_BODY_LIMIT_BYTES;
  const bytes = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > limitBytes) return refused({ reason: 'body_too_large', limitBytes });
  const contentType = event.headers['content-type'] ?? '';
  const [mediaType = '', ...parameters] = contentType.split(';').map((part) => part.trim());
  const encoding = spec.encodings.find((name) => MEDIA_TYPES[name] === mediaType.toLowerCase());
  const charset = parameters.find((parameter) => /^charset=/i.test(parameter))?.slice('charset='.length);
  const compressed = !/^\s*(identity\s*)?$/i.test(event.headers['content-encoding'] ?? '');
  if (encoding === undefined || compressed || (charset !== undefined && !/^"?utf-?8"?$/i.test(charset))) {
    return refused({
      reason: 'unsupported_media_type',
      accepted: spec.encodings.map((name) => MEDIA_TYPES[name]),
    });
  }
  if (encoding === 'multipart') return parseMultipart(bytes, contentType);
  const text = decodeUtf8(bytes);
  if (text === undefined) return refused({ reason: 'malformed_body', problem: 'it is not UTF-8' });
  if (encoding !== 'urlencoded' && text.includes(LOST_CHARACTER)) {
    return refused({
      reason: 'malformed_body',
      problem: 'it is not UTF-8, or holds characters lost (U+FFFD)',
    });
  }
  if (encoding === 'csv') return granted({ csv: text });
  if (encoding === 'json') return readJson(text);
  const [broken] = brokenNames(text);
  if (broken !== undefined) {
    return refused({ reason: 'malformed_body', problem: `${broken} is not percent-encoded UTF-8` });
  }
  return readForm(text, spec.schema);
}

function decodeUtf8(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Escapes of JSON: a pair of surrogates, one alone (captured), any other. */
const ESCAPES = /\\(?:u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|(u[dD][89a-fA-F])|.)/g;

/** Neither DynamoDB nor Cognito can read it. UTF-8 cannot spell it, but escapes can. @param text valid JSON. */
function holdsLoneSurrogate(text: string): boolean {
  return Array.from(text.matchAll(ESCAPES)).some(([, lone]) => lone !== undefined);
}

function readJson(text: string): Decision<unknown, InputRefusal> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refused({ reason: 'malformed_body', problem: 'it is not valid JSON' });
  }
  if (holdsLoneSurrogate(text)) {
    return refused({ reason: 'malformed_body', problem: 'it holds text that is not well-formed Unicode' });
  }
  const doubled = doubledKeys(text);
  if (doubled.length > 0) {
    const problems = doubled.map((name) => `${shown(name)} is given more than once`);
    return refused({ reason: 'invalid_fields', problems });
  }
  return isObject(value)
    ? granted(value)
    : refused({ reason: 'malformed_body', problem: 'it must be one JSON object' });
}

function readQuery(sent: string, schema: Route['query']): Decision<Fields, InputRefusal> {
  const text = isStrict(schema) ? sent : knownOf(sent, schema);
  const broken = brokenNames(text);
  if (broken.length === 0) return readForm(text, schema);
  const problems = broken.map((name) => `${name} must be percent-encoded UTF-8`);
  return refused({ reason: 'invalid_fields', problems });
}

/** The fields that the schema has: what else an address picked up may even be doubled, or no UTF-8. */
function knownOf(text: string, schema: unknown): string {
  const known = new Set(Object.keys(entriesOf(schema) ?? {}).map((name) => name.toLowerCase()));
  const isKnown = (pair: string) =>
    [...new URLSearchParams(pair).keys()].some((name) => known.has(name.toLowerCase()));
  return text.split('&').filter(isKnown).join('&');
}

/** Fields whose escapes are no UTF-8, by the names they have once read; U+FFFD that was sent as such is none of them. */
function brokenNames(text: string): string[] {
  const broken = text.split('&').filter((pair) => {
    const read = new URLSearchParams(pair).toString();
    return /%EF%BF%BD/.test(read) && !/\uFFFD|%EF%BF%BD/i.test(pair);
  });
  return broken.flatMap((pair) => Array.from(new URLSearchParams(pair).keys(), shown));
}

/**
 * Form and query fields. Doubled ones are refused (RFC 6749 3.2, and no client means them), but for those that
 * the schema has as lists. Values that were not encoded are taken as they stand: one published client sends
 * them so.
 */
function readForm(text: string, schema?: Route['query']): Decision<Fields, InputRefusal> {
  const lists = listsOf(schema);
  const fields: Fields = Object.create(null);
  const doubled = new Set<string>();
  for (const [name, value] of new URLSearchParams(text)) {
    const list = lists.get(name.toLowerCase());
    if (list !== undefined) {
      list.push(value);
      fields[name.toLowerCase()] = list;
      continue;
    }
    if (name in fields) doubled.add(name);
    fields[name] = value;
  }
  if (doubled.size > 0) {
    return refused({
      reason: 'invalid_fields',
      problems: [...doubled].map((name) => `${shown(name)} is given more than once`),
    });
  }
  return granted(fields);
}

/** An empty list for each field that may be repeated, by its name in lower case: all spellings are one field. */
function listsOf(schema: unknown): Map<string, string[]> {
  const entries = Object.entries(entriesOf(schema) ?? {});
  return new Map(
    entries
      .filter(([, field]) => isList(field))
      .map(([name]): [string, string[]] => [name.toLowerCase(), []]),
  );
}

/** A pipe has the type of its first part. */
function isList(schema: unknown): boolean {
  return isObject(schema) && (schema.type === 'array' || isList(schema.wrapped));
}

function check(
  schema: Route['query'],
  value: unknown,
  problems: string[],
  empty: ReturnType<typeof emptyMeans> = 'empty',
): unknown {
  if (schema === undefined) return undefined;
  const unknown: string[] = [];
  const named = matchNames(schema, value, '', unknown);
  problems.push(...unknown);
  const result = v.safeParse(schema, empty === 'absent' ? withoutEmpty(named) : named);
  if (result.success) return result.output;
  for (const issue of result.issues) {
    // "Names no field" would only confuse next to the name of the unknown one.
    if (issue.path !== undefined || unknown.length === 0) problems.push(problemOf(issue));
  }
  return undefined;
}

function withoutEmpty(fields: unknown): unknown {
  if (!isObject(fields)) return fields;
  const filled = ([, value]: [string, unknown]) => typeof value !== 'string' || value.trim() !== '';
  return Object.fromEntries(Object.entries(fields).filter(filled));
}

/** A sentence about one wrong field, its name first. */
export function problemOf(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue);
  const name = path === null ? '' : shown(path);
  if (issue.type === 'strict_object' && issue.expected === 'never')
    return `${name} is not a field of this call`;
  if (issue.input === undefined && issue.received === 'undefined') return `${name} is required`;
  return name === '' ? issue.message : `${name} ${issue.message}`;
}

/** Field names are matched without regard to case (PSA V2); two spellings of one field are a doubled field. */
function matchNames(schema: unknown, value: unknown, path: string, problems: string[]): unknown {
  const entries = entriesOf(schema);
  // Valibot would take a list for an object without fields.
  if (entries !== undefined && Array.isArray(value)) return 'a list';
  if (entries === undefined || !isObject(value)) return value;
  const spelling = new Map(Object.keys(entries).map((name) => [name.toLowerCase(), name]));
  const matched: Fields = {};
  for (const [given, inner] of Object.entries(value)) {
    const name = spelling.get(given.toLowerCase()) ?? given;
    if (!Object.hasOwn(entries, name) && isStrict(schema)) {
      problems.push(`${shown(path + name)} is not a field of this call`);
      continue;
    }
    if (name === '__proto__') continue;
    if (Object.hasOwn(matched, name)) problems.push(`${shown(path + name)} is given more than once`);
    matched[name] = matchNames(entries[name], inner, `${path}${name}.`, problems);
  }
  return matched;
}

/** All unknown fields are named here, where valibot would stop at the first. */
function isStrict(schema: unknown): boolean {
  if (!isObject(schema)) return false;
  if (schema.type === 'strict_object') return true;
  return schema.wrapped !== undefined && isStrict(schema.wrapped);
}

/** The fields of an object schema, through the wrappings of pipes and optionals. */
function entriesOf(schema: unknown): Record<string, unknown> | undefined {
  if (!isObject(schema)) return undefined;
  if (isObject(schema.entries)) return schema.entries;
  if (Array.isArray(schema.pipe) && schema.pipe[0] !== schema) return entriesOf(schema.pipe[0]);
  return entriesOf(schema.wrapped);
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a caller typed as a field's name, fit to be said back. */
function shown(name: string): string {
  return name.replace(/[^\p{L}\p{N}_.\-[\]]/gu, '?').slice(0, 64) || '(empty)';
}
