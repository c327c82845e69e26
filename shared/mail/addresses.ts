import { domainToASCII } from 'node:url';

/** Tag of each mail: the id of the reset that owes it. SES hands it back with a bounce. */
export const RESET_TAG = 'resetId';

/** SES takes ASCII addresses only: a domain in another script goes in Punycode (RFC 5891). */
export function asciiAddress(address: string): string {
  const at = address.lastIndexOf('@');
  const domain = domainToASCII(address.slice(at + 1));
  if (domain === '') throw new Error('The domain of a mail address is not one');
  return `${address.slice(0, at)}@${domain}`;
}
