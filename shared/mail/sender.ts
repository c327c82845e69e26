import { domainToASCII } from 'node:url';
import { SESClient, SendEmailCommand } from '@aws-sdk/client-ses';
import { environmentCredentials } from '../config.ts';
import type { Mail } from './mails.ts';

/** Resolves once SES has accepted the mail; throws what SES refused it with. */
export type SendMail = (to: string, mail: Mail) => Promise<void>;

const Charset = 'UTF-8';

/** @param from an SES identity, as an address or `Name <address>`. */
export function openMailer(from: string): SendMail {
  const client = new SESClient({ credentials: environmentCredentials, maxAttempts: 3 });
  return async (to, { subject, text, html }) => {
    await client.send(
      new SendEmailCommand({
        Source: from,
        Destination: { ToAddresses: [asciiAddress(to)] },
        Message: {
          Subject: { Charset, Data: subject },
          Body: { Text: { Charset, Data: text }, Html: { Charset, Data: html } },
        },
      }),
    );
  };
}

/** SES takes ASCII addresses only: a domain in another script goes in Punycode (RFC 5891). */
export function asciiAddress(address: string): string {
  const at = address.lastIndexOf('@');
  const domain = domainToASCII(address.slice(at + 1));
  if (domain === '') throw new Error('The domain of a mail address is not one');
  return `${address.slice(0, at)}@${domain}`;
}
