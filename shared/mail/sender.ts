import { SESClient, SendEmailCommand } from '@aws-sdk/client-ses';
import { environmentCredentials } from '../config.ts';
import { asciiAddress, MAIL_TAGS, type OwedBy } from './addresses.ts';
import type { Mail } from './mails.ts';

/** Resolves once SES has accepted the mail; throws what SES refused it with. By what owes it a bounce finds the account. */
export type SendMail = (to: string, mail: Mail, owedBy: OwedBy) => Promise<void>;

const Charset = 'UTF-8';
/**
 * The SDK waits five minutes for an answer of SES: Lambda would end the function first, in the middle of its batch and
 * with no `mail_failed`. A connection that died while the function was frozen is silent, too.
 */
const SILENCE_MILLISECONDS = 5000;

/**
 * @param from an SES identity, as an address or `Name <address>`.
 * @param configurationSet sends bounces and complaints back (functions/mail-feedback).
 */
export function openMailer(from: string, configurationSet: string): SendMail {
  const client = new SESClient({
    credentials: environmentCredentials,
    maxAttempts: 3,
    requestHandler: { connectionTimeout: SILENCE_MILLISECONDS, socketTimeout: SILENCE_MILLISECONDS },
  });
  return async (to, { subject, text, html }, { type, id }) => {
    await client.send(
      new SendEmailCommand({
        Source: from,
        ConfigurationSetName: configurationSet,
        Tags: [{ Name: MAIL_TAGS[type], Value: id }],
        Destination: { ToAddresses: [asciiAddress(to)] },
        Message: {
          Subject: { Charset, Data: subject },
          Body: { Text: { Charset, Data: text }, Html: { Charset, Data: html } },
        },
      }),
    );
  };
}
