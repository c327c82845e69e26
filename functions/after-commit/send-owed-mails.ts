import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { errorFields, logError } from '../../shared/log.ts';
import { countMail } from '../../shared/metrics.ts';
import { readOwedMail } from '../../shared/store/outbox.ts';
import { eachRecord } from '../../shared/stream.ts';
import type { Deps } from './deps.ts';
import { sendGuessNotice } from './send-guess-notice.ts';
import { sendLink } from './send-link.ts';
import { sendNotice } from './send-notice.ts';

/**
 * Sends the mails that committed requests owe. Every refusal of SES fails the record, the lasting ones too: SES
 * answers MessageRejected alike for an address that is none, a sender not verified and an account in the
 * sandbox, and ops can mend the last two. The mail stays owed, so that the dead letter can be sent again (R7).
 */
export function sendOwedMails(deps: Deps) {
  return (event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> =>
    eachRecord(
      event,
      async (record) => {
        const guesses = guessNoticeIdOf(record);
        if (guesses !== undefined) return sendGuessNotice(deps, guesses, deps.clock());
        const owed = await readOwedMail(deps.table, resetIdOf(record));
        if (owed === undefined) return;
        const send = owed.reset.state === 'used' ? sendNotice : sendLink;
        await send(deps, owed, deps.clock());
      },
      (error, record) => {
        countMail('Failed');
        logError('mail_failed', { resetId: record.dynamodb?.NewImage?.id?.S, ...errorFields(error) });
      },
    );
}

function guessNoticeIdOf(record: DynamoDBRecord): string | undefined {
  const image = record.dynamodb?.NewImage;
  return image?.type?.S === 'guess-notice' ? image.id?.S : undefined;
}

function resetIdOf(record: DynamoDBRecord): string {
  const image = record.dynamodb?.NewImage;
  const id = image?.type?.S === 'reset' ? image.id?.S : undefined;
  if (id === undefined) throw new Error('The record is not of a reset');
  return id;
}
