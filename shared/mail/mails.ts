import { type Html, html } from '../html.ts';

/** A mail, ready to be sent. */
export type Mail = { readonly subject: string; readonly text: string; readonly html: string };

type Addressee = { readonly company: string; readonly userName: string };
type LinkMail = Addressee & { readonly link: string; readonly goodForMinutes: number };

/** The first password of an account, or *Reset and send instructions* before there is one. */
export function setUpMail(mail: LinkMail): Mail {
  return compose(`Create your password for ${mail.company}`, [
    `An account was set up for you at ${unlinked(mail.company)}. Its user name is ${mail.userName}.`,
    `Create its password here. The link is good for ${duration(mail.goodForMinutes)} and works once:`,
    { link: mail.link, label: 'Create password' },
    'If you did not expect this mail, delete it: without the link nobody can use the account. The link is yours alone; do not pass it on.',
  ]);
}

export function resetMail(mail: LinkMail): Mail {
  return compose(`Reset your password for ${mail.company}`, [
    `A new password was asked for, for the user name ${mail.userName} at ${unlinked(mail.company)}.`,
    `Create it here. The link is good for ${duration(mail.goodForMinutes)} and works once; only the newest link counts:`,
    { link: mail.link, label: 'Create new password' },
    'If you did not ask for it, delete this mail: your password stays as it is. Should such mails keep coming, tell an admin of your company.',
  ]);
}

export function passwordChangedMail(mail: Addressee): Mail {
  return compose(`Your password for ${mail.company} was changed`, [
    `A new password was set for the user name ${mail.userName} at ${unlinked(mail.company)}. The old one no longer works, and every token got with it has ended.`,
    'If that was you, there is nothing to do.',
    'If it was not, tell an admin of your company at once, and ask for the account to be deactivated or for a new link.',
  ]);
}

/** @param mail.at ISO 8601 in UTC. */
export function guessesMail(mail: Addressee & { readonly at: string }): Mail {
  return compose(`Failed sign-ins at ${mail.company}`, [
    `Several sign-ins with a wrong password were tried for the user name ${mail.userName} at ${unlinked(mail.company)}, the last at ${mail.at.slice(0, 16).replace('T', ' ')} UTC. None of them got in, and further ones are held off for a while. Programs on networks that signed in before go on as usual.`,
    'If that was you or a program of yours, correct its password. An admin can let you sign in again at once.',
    'If it was not, there is nothing to do: the password was not found out. Should such mails keep coming, tell an admin of your company.',
  ]);
}

type Paragraph = string | { readonly link: string; readonly label: string };

function compose(subject: string, paragraphs: readonly Paragraph[]): Mail {
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
