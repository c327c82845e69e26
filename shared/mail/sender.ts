import { SESClient, SendEmailCommand } from '@aws-sdk/client-ses';
import { environmentCredentials } from '../config.ts';
import { asciiAddress, RESET_TAG } from './addresses.ts';
import type { Mail } from './mails.ts';

/** Resolves once SES has accepted the mail; throws what SES refused it with. The reset finds its bounces; a mail without one has none. */
export type SendMail = (to: string, mail: Mail, resetId?: string) => Promise<void>;

const Charset = 'UTF-8';

/**
 * @param from an SES identity, as an address or `Name <address>`.
 * @param configurationSet sends bounces and complaints back (functions/mail-feedback).
 */
export function openMailer(from: string, configurationSet: string): SendMail {
  const client = new SESClient({ credentials: environmentCredentials, maxAttempts: 3 });
  return async (to, { subject, text, html }, resetId) => {
    await client.send(
      new SendEmailCommand({
        Source: from,
        ConfigurationSetName: configurationSet,
        ...(resetId === undefined ? {} : { Tags: [{ Name: RESET_TAG, Value: resetId }] }),
        Destination: { ToAddresses: [asciiAddress(to)] },
        Message: {
          Subject: { Charset, Data: subject },
          Body: { Text: { Charset, Data: text }, Html: { Charset, Data: html } },
        },
      }),
    );
  };
}
