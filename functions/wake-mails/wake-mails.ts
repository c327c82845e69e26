import type { Context } from 'aws-lambda';
import type { Clock } from '../../shared/clock.ts';
import { errorFields, logError, logInfo } from '../../shared/log.ts';
import { isDue, OWED_MINUTES, owedMails, wakeMail } from '../../shared/store/owed-mails.ts';
import type { Table } from '../../shared/store/table.ts';

type Deps = { readonly table: Table; readonly clock: Clock };

/** Left over for the write under way and the line about it. */
const RESERVE_MILLISECONDS = 10_000;

/**
 * Started every quarter of an hour: the stream gives a mail up after 20 tries, which an outage of SES may outlast, and
 * what an owner asked for is worth nothing after an hour (R7). The time between two wakes of a mail doubles, for one
 * that SES refuses for good holds up those behind it each time. What there is no time for is the next run's.
 */
export function wakeMails({ table, clock }: Deps) {
  return async (_: unknown, { getRemainingTimeInMillis }: Pick<Context, 'getRemainingTimeInMillis'>) => {
    const now = clock();
    const counts = { owed: 0, woken: 0 };
    try {
      for await (const mail of owedMails(table, new Date(now.getTime() - OWED_MINUTES * 60_000))) {
        if (getRemainingTimeInMillis() < RESERVE_MILLISECONDS) break;
        counts.owed += 1;
        if (isDue(mail, now) && (await wakeMail(table, mail, now))) counts.woken += 1;
      }
      logInfo('mails_woken', { counts });
      return counts;
    } catch (error) {
      logError('wake_failed', { counts, ...errorFields(error) });
      throw error;
    }
  };
}
