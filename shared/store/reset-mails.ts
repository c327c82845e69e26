import { epochSeconds } from '../clock.ts';
import { networkResetMailsKey, resetMailsKey } from './keys.ts';
import type { Write } from './table.ts';

/** S7: how many mails with a link strangers can have sent to an account. */
const ONE_EACH_SECONDS = 60;
const HOUR_SECONDS = 3600;
/** One office behind one address may have many people in it. */
const MAILS_AN_HOUR_PER_NETWORK = 100;

/**
 * Takes a place for one mail, for an account that may not exist and for the network of whoever asks; to be written
 * in the transaction of the request. The last five times move on by one: the newest is a minute old or the oldest
 * an hour, or the condition fails; nothing needs to be read first.
 */
export function resetMailPlaces(
  asked: { readonly tenant: string; readonly folded: string; readonly network: string },
  now: Date,
): Write<'mails_exhausted'>[] {
  const seconds = epochSeconds(now);
  const hour = Math.floor(seconds / HOUR_SECONDS);
  return [
    {
      update: resetMailsKey(asked.tenant, asked.folded),
      set: {
        expression:
          'SET #e = if_not_exists(#d, :never), #d = if_not_exists(#c, :never), #c = if_not_exists(#b, :never), ' +
          '#b = if_not_exists(#a, :never), #a = :now, #schema = :schema, #type = :type, #expiresAt = :forgotten',
        names: {
          '#a': 'asked1',
          '#b': 'asked2',
          '#c': 'asked3',
          '#d': 'asked4',
          '#e': 'asked5',
          '#schema': 'schema',
          '#type': 'type',
          '#expiresAt': 'expiresAt',
        },
        values: {
          ':never': 0,
          ':now': seconds,
          ':schema': 1,
          ':type': 'reset-mails',
          ':forgotten': seconds + 2 * HOUR_SECONDS,
        },
      },
      when: {
        expression: 'attribute_not_exists(PK) OR (#a <= :minuteAgo AND #e <= :hourAgo)',
        values: { ':minuteAgo': seconds - ONE_EACH_SECONDS, ':hourAgo': seconds - HOUR_SECONDS },
      },
      onConflict: 'mails_exhausted',
    },
    {
      update: networkResetMailsKey(asked.network, hour),
      set: {
        expression: 'SET #schema = :schema, #type = :type, #expiresAt = :forgotten ADD #mails :one',
        names: { '#schema': 'schema', '#type': 'type', '#expiresAt': 'expiresAt', '#mails': 'mails' },
        values: {
          ':schema': 1,
          ':type': 'network-reset-mails',
          ':forgotten': (hour + 2) * HOUR_SECONDS,
          ':one': 1,
        },
      },
      when: {
        expression: 'attribute_not_exists(PK) OR #mails < :most',
        values: { ':most': MAILS_AN_HOUR_PER_NETWORK },
      },
      onConflict: 'mails_exhausted',
    },
  ];
}
