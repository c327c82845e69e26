import { domainToASCII } from 'node:url';

/** Tag of each mail by the item that owes it: holds the item's id, and SES hands it back with a bounce. */
export const MAIL_TAGS = { reset: 'resetId', notice: 'noticeId', 'guess-notice': 'guessNoticeId' } as const;

/** The item that owes a mail. */
export type OwedBy = { readonly type: keyof typeof MAIL_TAGS; readonly id: string };

/** SES takes ASCII addresses only: a domain in another script goes in Punycode (RFC 5891). */
export function asciiAddress(address: string): string {
  const at = address.lastIndexOf('@');
  const domain = domainToASCII(address.slice(at + 1));
  if (domain === '') throw new Error('The domain of a mail address is not one');
  return `${address.slice(0, at)}@${domain}`;
}
