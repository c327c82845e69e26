/**
 * Reading request fields as Cognito's front end does: a value of the wrong JSON type is a SerializationException, a
 * missing or ill-formed one an InvalidParameterException ("1 validation error detected: ...").
 * https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/CommonErrors.html
 */
import { invalidParameter, UserPoolError } from './errors.ts';

export type Input = Readonly<Record<string, unknown>>;

type StringConstraint = { readonly maxLength?: number; readonly pattern?: RegExp };

/** The `Username` type of the API, the same in every operation that takes one. */
export const USERNAME = { maxLength: 128, pattern: /^[\p{L}\p{M}\p{S}\p{N}\p{P}]+$/u } as const;

/** The `PasswordType` of the API: up to 256 characters, neither starting nor ending with white space. */
export const PASSWORD = { maxLength: 256, pattern: /^[\S]+.*[\S]+$/ } as const;

const MAP_VALUE_MAX_LENGTH = 131_072;

const wrongType = (field: string, expected: string) =>
  new UserPoolError('SerializationException', `The value of ${field} can not be converted to a ${expected}`);

/** Cognito speaks of `UserPoolId` as 'userPoolId', and of `NEW_PASSWORD` as it is written. */
const memberName = (field: string) => field.replace(/^[A-Z](?=[a-z])/, (first) => first.toLowerCase());

const violates = (field: string, what: string) =>
  invalidParameter(
    `1 validation error detected: Value at '${memberName(field)}' failed to satisfy constraint: ${what}`,
  );

export function optionalString(
  input: Input,
  field: string,
  constraint: StringConstraint = {},
): string | undefined {
  const value = input[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw wrongType(field, 'String');
  const maxLength = constraint.maxLength ?? MAP_VALUE_MAX_LENGTH;
  if (value.length > maxLength)
    throw violates(field, `Member must have length less than or equal to ${maxLength}`);
  if (constraint.pattern && !constraint.pattern.test(value)) {
    throw violates(field, `Member must satisfy regular expression pattern: ${constraint.pattern.source}`);
  }
  return value;
}

export function requiredString(input: Input, field: string, constraint: StringConstraint = {}): string {
  const value = optionalString(input, field, constraint);
  if (value === undefined) throw violates(field, 'Member must not be null');
  if (value === '') throw violates(field, 'Member must have length greater than or equal to 1');
  return value;
}

export function optionalBoolean(input: Input, field: string): boolean | undefined {
  const value = input[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'boolean') throw wrongType(field, 'Boolean');
  return value;
}

export function optionalInteger(
  input: Input,
  field: string,
  range: { min: number; max: number },
): number | undefined {
  const value = input[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value)) throw wrongType(field, 'Integer');
  if (value < range.min)
    throw violates(field, `Member must have value greater than or equal to ${range.min}`);
  if (value > range.max) throw violates(field, `Member must have value less than or equal to ${range.max}`);
  return value;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function optionalObject(input: Input, field: string): Input | undefined {
  const value = input[field];
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw wrongType(field, 'Structure');
  return value;
}

/** A map of strings, such as `AuthParameters`. */
export function stringMap(input: Input, field: string): Readonly<Record<string, string>> {
  const map: Record<string, string> = {};
  for (const [key, value] of Object.entries(optionalObject(input, field) ?? {})) {
    if (typeof value !== 'string') throw wrongType(`${field}.${key}`, 'String');
    map[key] = value;
  }
  return map;
}

/** A parameter inside `AuthParameters` or `ChallengeResponses`: Cognito names a missing one in its own words. */
export function requiredParameter(map: Readonly<Record<string, string>>, name: string): string {
  const value = map[name];
  if (value === undefined || value === '') throw invalidParameter(`Missing required parameter ${name}`);
  return value;
}

/** `UserAttributes`: a list of names and values. */
export function attributeList(input: Input, field: string): Readonly<Record<string, string>> {
  const list = input[field];
  if (list === undefined || list === null) return {};
  if (!Array.isArray(list)) throw wrongType(field, 'List');
  const attributes: Record<string, string> = {};
  for (const item of list as unknown[]) {
    if (!isObject(item)) throw wrongType(field, 'Structure');
    attributes[requiredString(item, 'Name', { maxLength: 32 })] =
      optionalString(item, 'Value', { maxLength: 2048 }) ?? '';
  }
  return attributes;
}
