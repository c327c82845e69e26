import * as v from 'valibot';
import { DAY_SECONDS } from '../clock.ts';
import type { Rotation } from '../rules/refresh.ts';
import { type AuditRecord, auditItem } from './audit.ts';
import { commonFields, epochTime } from './items.ts';
import { familyKey } from './keys.ts';
import { lastUse } from './last-use.ts';
import { getItem, type Table, transact } from './table.ts';

export const familyItem = v.object({
  ...commonFields,
  type: v.literal('family'),
  ended: v.boolean(),
  /** Where a refresh begins; absent when the family only stands for its end. */
  refresh: v.optional(
    v.object({
      cognitoUser: v.string(),
      authTime: epochTime,
      secondFactorPassed: v.boolean(),
      until: epochTime,
      /** Key of the seal on each refresh token of the family, so that only one that was issued can end it. */
      sealKey: v.string(),
      /** Hashes of the tokens that may be used: one, or those made of one token while its grace lasted. */
      live: v.array(v.string()),
      /** Hash of the token that they came of, good for a short grace. */
      replaced: v.optional(v.string()),
      replacedAt: v.optional(epochTime),
      /** Counts rotations: every change is conditional on it. */
      version: v.number(),
    }),
  ),
  expiresAt: epochTime,
});
export type FamilyItem = v.InferOutput<typeof familyItem>;
export type RefreshState = NonNullable<FamilyItem['refresh']>;

/** Cognito's longest life of an access token. The end of a family is remembered for as long. */
const ACCESS_TOKEN_MAX_SECONDS = DAY_SECONDS;

/** A sign-in whose tokens can be refreshed, for the write that records it. */
export function newFamily(originJti: string, refresh: RefreshState): Record<string, unknown> {
  const item: FamilyItem = {
    schema: 1,
    type: 'family',
    ended: false,
    refresh,
    expiresAt: refresh.until + ACCESS_TOKEN_MAX_SECONDS,
  };
  return { ...familyKey(originJti), ...item };
}

export function readFamily(table: Table, originJti: string): Promise<FamilyItem | undefined> {
  return getItem(table, familyKey(originJti), familyItem);
}

/** On condition that the family is as it was read and has not ended; false says that it is not. */
export async function rotateFamily(
  table: Table,
  originJti: string,
  seen: RefreshState,
  next: Rotation,
  account: { readonly tenant: string; readonly employeeId: number },
  audit: AuditRecord,
): Promise<boolean> {
  const conflicts = await transact<'lost'>(table, [
    {
      update: familyKey(originJti),
      set: {
        expression: 'SET #refresh = :next',
        names: { '#refresh': 'refresh' },
        values: { ':next': { ...seen, ...next, version: seen.version + 1 } },
      },
      when: {
        expression: '#ended = :no AND #refresh.#version = :seen',
        names: { '#ended': 'ended', '#version': 'version' },
        values: { ':no': false, ':seen': seen.version },
      },
      onConflict: 'lost',
    },
    { put: lastUse(account, 'token.issue', audit.at) },
    { put: auditItem(audit) },
  ]);
  return conflicts.length === 0;
}

/** Every token of the sign-in is dead from now on (M18). Also for a family of which nothing is kept yet. */
export async function endFamily(
  table: Table,
  originJti: string,
  nowEpochSeconds: number,
  audit: AuditRecord,
): Promise<void> {
  await transact(table, [
    {
      update: familyKey(originJti),
      set: {
        expression: 'SET #schema = :schema, #type = :type, #ended = :yes, #expiresAt = :remembered',
        names: {
          '#schema': 'schema',
          '#type': 'type',
          '#ended': 'ended',
          '#expiresAt': 'expiresAt',
        },
        values: {
          ':schema': 1,
          ':type': 'family',
          ':yes': true,
          ':remembered': nowEpochSeconds + ACCESS_TOKEN_MAX_SECONDS,
        },
      },
    },
    { put: auditItem(audit) },
  ]);
}
