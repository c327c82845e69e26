import { type Html, html } from '../html.ts';
import type { Notice } from '../store/notices.ts';

/** A mail, ready to be sent. */
export type Mail = { readonly subject: string; readonly text: string; readonly html: string };

type Addressee = { readonly company: string; readonly userName: string };
type LinkMail = Addressee & {
  readonly link: string;
  readonly goodForMinutes: number;
  /** Of an API Employee: a program signs in with it, and its owner has nowhere to sign in (M7). */
  readonly forSoftware: boolean;
};

/** The first password of an account, or *Reset and send instructions* before there is one. */
export function setUpMail(mail: LinkMail): Mail {
  const { company, userName, forSoftware } = mail;
  // Whoever gets the mail may not know the word.
  const psa = `the PSA of ${unlinked(company)} (its system for tickets, time and billing)`;
  const subject = forSoftware
    ? `Create the password of ${userName} at ${company}`
    : `Create your password for ${company}`;
  return compose(subject, company, [
    forSoftware
      ? `You are given an API account in ${psa}. A program signs in with this account, not a person. Its user name is ${userName}.`
      : `An account was set up for you in ${psa}. Your user name is ${userName}.`,
    `First create its password here. The link is good for ${duration(mail.goodForMinutes)} and works once:`,
    { link: mail.link, label: 'Create password' },
    forSoftware
      ? 'The page then shows what to enter in the program.'
      : 'Then sign in with it; the page shows where.',
    'If the link has run out, open it all the same: the page offers you a new one.',
    'The link is yours alone; do not pass it on. If you did not expect this mail, delete it: without the link nobody can use the account.',
  ]);
}

export function resetMail(mail: LinkMail): Mail {
  const { company, userName, forSoftware } = mail;
  const subject = forSoftware
    ? `Reset the password of ${userName} at ${company}`
    : `Reset your password for ${company}`;
  return compose(subject, company, [
    `A new password was asked for, for the user name ${userName} at ${unlinked(company)}, on the sign-in page or by an admin.`,
    `Create it here. The link is good for ${duration(mail.goodForMinutes)} and works once; only the newest link counts:`,
    { link: mail.link, label: 'Create new password' },
    forSoftware
      ? 'The old password works until then. Afterwards give the new one to each program that uses the account: the old one, and every token got with it, will have ended.'
      : 'The old password works until then. Afterwards you are signed out everywhere, and sign in with the new one.',
    'If you did not ask for it, delete this mail: your password stays as it is. Should such mails keep coming, tell an admin of your company.',
  ]);
}

export function passwordChangedMail(mail: Addressee): Mail {
  return compose(`Your password for ${mail.company} was changed`, mail.company, [
    `A new password was set for the user name ${mail.userName} at ${unlinked(mail.company)}. If there was one before, it no longer works, and every token got with it has ended.`,
    'If that was you, there is nothing to do.',
    'If it was not, tell an admin of your company at once, and ask for the account to be deactivated or for a new link.',
  ]);
}

/** What a mail says that tells of the account and asks for nothing. */
type NoticeText = {
  readonly subject: (company: string) => string;
  readonly happened: string;
  readonly means: string;
};

const NOTICES: Readonly<Record<Notice, NoticeText>> = {
  'factor-added': {
    subject: (company) => `A second factor was added to your account at ${company}`,
    happened: 'an authenticator app was set up as second factor',
    means:
      'From now on signing in takes your password and a code. Every other session and every token has ended.',
  },
  'factor-removed': {
    subject: (company) => `The second factor was removed from your account at ${company}`,
    happened: 'the second factor was removed on the account page',
    means: 'You were signed out everywhere.',
  },
  'factor-reset': {
    subject: (company) => `An admin reset the second factor of your account at ${company}`,
    happened: 'an admin of your company reset the second factor',
    means: 'You were signed out everywhere, and can set up another at your next sign-in.',
  },
  'recovery-code-used': {
    subject: (company) => `A recovery code was used for your account at ${company}`,
    happened: 'a recovery code was used to sign in without the authenticator app',
    means:
      'That switched your second factor off, and a new one is to be set up. The code cannot be used again.',
  },
  'recovery-codes-renewed': {
    subject: (company) => `New recovery codes for your account at ${company}`,
    happened: 'new recovery codes were made on the account page',
    means: 'Those that you had no longer work.',
  },
  'new-network': {
    subject: (company) => `New sign-in to your account at ${company}`,
    happened: 'somebody signed in from a network that this account had not used lately',
    means: 'Your account page lists your sessions, and can end them.',
  },
};

/** What happened to an account, told to its owner; names no address and holds no link to click. */
export function accountNoticeMail(notice: Notice, mail: Addressee & { readonly at: Date }): Mail {
  const { subject, happened, means } = NOTICES[notice];
  const when = `${mail.at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return compose(subject(mail.company), mail.company, [
    `On ${when}, for the user name ${mail.userName} at ${unlinked(mail.company)}, ${happened}.`,
    means,
    'If that was you, there is nothing to do.',
    'If it was not, change your password at once and tell an admin of your company.',
  ]);
}

/** @param mail.at ISO 8601 in UTC. */
export function guessesMail(mail: Addressee & { readonly at: string }): Mail {
  return compose(`Failed sign-ins at ${mail.company}`, mail.company, [
    `Several sign-ins with a wrong password were tried for the user name ${mail.userName} at ${unlinked(mail.company)}, the last at ${mail.at.slice(0, 16).replace('T', ' ')} UTC. None of them got in, and further ones are held off for a while. Programs on networks that signed in before go on as usual.`,
    'If that was you or a program of yours, correct its password. An admin can let you sign in again at once.',
    'If it was not, there is nothing to do: the password was not found out. Should such mails keep coming, tell an admin of your company.',
  ]);
}

type Paragraph = string | { readonly link: string; readonly label: string };

/** Each ends with who sends it. */
function compose(subject: string, company: string, told: readonly Paragraph[]): Mail {
  const paragraphs = [
    ...told,
    `The PSA of ${unlinked(company)} sends this mail by itself; nobody reads answers to it.`,
  ];
  const text = paragraphs.map((paragraph) => (typeof paragraph === 'string' ? paragraph : paragraph.link));
  return { subject, text: `${text.join('\n\n')}\n`, html: document(subject, paragraphs.map(inHtml)) };
}

function inHtml(paragraph: Paragraph): Html {
  if (typeof paragraph === 'string') return html`<p>${paragraph}</p>`;
  const { link, label } = paragraph;
  return html`<p><a href="${link}">${label}</a></p>
<p>If the link cannot be clicked, copy this address into the browser:<br><code>${link}</code></p>`;
}

function document(title: string, body: readonly Html[]): string {
  return String(html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${title}</title></head>
<body>
${body}
</body>
</html>
`);
}

/**
 * A company may be named like an address, and mail programs make links of those: a word joiner, which nobody
 * sees, keeps the link that we send the only one.
 */
function unlinked(name: string): string {
  return name.replace(/([.:/@])(?=\S)/g, '$1\u2060');
}

function duration(minutes: number): string {
  return minutes % 60 === 0 && minutes > 60 ? `${minutes / 60} hours` : `${minutes} minutes`;
}
