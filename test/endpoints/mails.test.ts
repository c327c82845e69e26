import { describe, expect, it, test } from 'vitest';
import { asciiAddress } from '../../shared/mail/addresses.ts';
import { passwordChangedMail, resetMail, setUpMail } from '../../shared/mail/mails.ts';

const SECRET = 's'.repeat(43);
const LINK = `https://psa.example/password/new?link=${'i'.repeat(22)}.${SECRET}`;
const account = { company: 'Acme MSP', userName: 'billing-bot' };
const linkMail = { ...account, link: LINK, goodForMinutes: 30, forSoftware: true };

const mails = [
  ['set-up', setUpMail(linkMail)],
  ['reset', resetMail(linkMail)],
  ["a person's set-up", setUpMail({ ...linkMail, forSoftware: false })],
  ["a person's reset", resetMail({ ...linkMail, forSoftware: false })],
  ['password changed', passwordChangedMail(account)],
] as const;
const withLink = mails.filter(([name]) => /set-up|reset/.test(name));

const count = (text: string, part: string | RegExp) => text.split(part).length - 1;

describe('every mail', () => {
  test.each(mails)('%s: names the company and the user name in both forms', (_, mail) => {
    for (const body of [mail.text, mail.html]) {
      expect(body).toContain('Acme MSP');
      expect(body).toContain('billing-bot');
    }
  });

  test.each(mails)('%s: says what to do when it was not expected', (_, mail) => {
    expect(mail.text).toMatch(/If (you did not|it was not)/);
  });

  test.each(mails)('%s: says who sends it, at its end', (_, mail) => {
    expect(mail.text).toMatch(
      /\n\nThe PSA of Acme MSP sends this mail by itself; nobody reads answers to it\.\n$/,
    );
  });

  test.each(mails)('%s: holds no script, style, image or form', (_, mail) => {
    expect(mail.html).not.toMatch(/<(script|style|img|form|iframe|link)|style=|on\w+=/i);
  });
});

describe('mails with a link', () => {
  test.each(withLink)('%s: holds the link once to click and nothing else to click', (_, mail) => {
    expect(count(mail.html, '<a ')).toBe(1);
    expect(mail.html).toContain(`<a href="${LINK}">`);
    expect(count(mail.text, '://')).toBe(1);
    expect(mail.text.split('\n')).toContain(LINK);
  });

  test.each(withLink)('%s: holds the secret in the link only', (_, mail) => {
    const without = mail.html.replaceAll(LINK, '') + mail.text.replaceAll(LINK, '') + mail.subject;
    expect(without).not.toContain(SECRET);
  });

  it('says of an account for software that a program signs in with it, and of none for people', () => {
    expect(setUpMail(linkMail).text).toMatch(
      /API account .* program signs in with this account, not a person/,
    );
    const person = setUpMail({ ...linkMail, forSoftware: false });
    expect(person.text).toContain('Then sign in with it');
    expect(person.text).not.toMatch(/program|API/);
  });

  it('names the account in the subject: one mailbox may have the accounts of many programs', () => {
    expect(setUpMail(linkMail).subject).toBe('Create the password of billing-bot at Acme MSP');
    expect(resetMail(linkMail).subject).toBe('Reset the password of billing-bot at Acme MSP');
  });

  test.each([
    [30, '30 minutes'],
    [60, '60 minutes'],
    [24 * 60, '24 hours'],
  ])('says that a link of %i minutes is good for %s', (goodForMinutes, words) => {
    expect(setUpMail({ ...linkMail, goodForMinutes }).text).toContain(`good for ${words}`);
  });
});

it('password changed: is true of a first password too', () => {
  expect(passwordChangedMail(account).text).toContain('If there was one before, it no longer works');
});

it('password changed: holds nothing to click', () => {
  const mail = passwordChangedMail(account);
  expect(mail.html).not.toContain('<a ');
  expect(mail.text).not.toContain('://');
});

describe('hostile names', () => {
  const hostile = {
    ...linkMail,
    company: '<a href="https://evil.example">Acme</a> & "Co"',
    userName: "o'<b>x",
  };

  test.each([
    ['set-up', setUpMail(hostile)],
    ['reset', resetMail(hostile)],
    ['password changed', passwordChangedMail(hostile)],
  ])('%s: are escaped', (_, mail) => {
    expect(mail.html).not.toContain('<b>');
    expect(mail.html).not.toContain('<a href="https://evil');
    expect(mail.html).toContain('&lt;b&gt;');
    expect(mail.html).toContain('&amp;');
  });

  it('make no second address for mail programs to turn into a link', () => {
    const mail = setUpMail({ ...linkMail, company: 'https://evil.example/x' });
    for (const body of [mail.text, mail.html.replace(/<title>.*<\/title>/, '')]) {
      expect(body).not.toContain('evil.example');
    }
  });

  it('stay as they are where they are like no address', () => {
    expect(setUpMail({ ...linkMail, company: 'Acme Inc.' }).text).toContain('the PSA of Acme Inc. (its');
  });
});

describe('addresses for SES', () => {
  test.each([
    ['bot@acme.example', 'bot@acme.example'],
    ['bot@bücher.example', 'bot@xn--bcher-kva.example'],
    ['bot@例え.テスト', 'bot@xn--r8jz45g.xn--zckzah'],
  ])('%s goes as %s', (address, ascii) => {
    expect(asciiAddress(address)).toBe(ascii);
  });

  it('refuses a domain that is none', () => {
    expect(() => asciiAddress('bot@xn--iñvalid.example')).toThrow('domain');
  });
});
