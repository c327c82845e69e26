import { type Html, html } from '../html.ts';
import { stylesheetHref } from './page-style.ts';

/** One whole page. `failed` goes first in the title: it is what a screen reader says first. */
export function document(page: {
  readonly title: string;
  readonly failed?: boolean;
  /** Stands above the page, for those who are signed in. */
  readonly nav?: Html;
  readonly body: Html;
}): string {
  return String(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${page.failed && 'Error: '}${page.title}</title>
<link rel="stylesheet" href="${stylesheetHref}">
</head>
<body>
${page.nav}
<main>
<h1>${page.title}</h1>
${page.body}
</main>
</body>
</html>
`);
}

type Field = {
  readonly name: string;
  readonly label: string;
  readonly type?: 'text' | 'password';
  readonly value?: string;
  readonly hint?: string | undefined;
  /** Stands beside the field, and is read out with it. */
  readonly error?: string | undefined;
  readonly autocomplete:
    | 'organization'
    | 'username'
    | 'current-password'
    | 'new-password'
    | 'one-time-code'
    | 'off';
  /** Digits only: phones show their number pad. */
  readonly digits?: boolean;
  readonly autofocus?: boolean;
};

/** A labelled field. What was typed as a password is never sent back. */
export function field(given: Field): Html {
  const { name, type = 'text', hint, error } = given;
  const describedBy = [hint && `${name}-hint`, error && `${name}-error`].filter(Boolean).join(' ');
  return html`<div class="field">
<label for="${name}">${given.label}</label>
${hint !== undefined && html`<p class="hint" id="${name}-hint">${hint}</p>`}
${
  error !== undefined &&
  html`<p class="error" id="${name}-error"><span class="visually-hidden">Error: </span>${error}</p>`
}
<input id="${name}" name="${name}" type="${type}" autocomplete="${given.autocomplete}" autocapitalize="none" spellcheck="false" required${
    given.digits && html` inputmode="numeric"`
  }${
    type === 'text' && html` value="${given.value ?? ''}"`
  }${describedBy !== '' && html` aria-describedby="${describedBy}"`}${
    error !== undefined && html` aria-invalid="true"`
  }${given.autofocus && html` autofocus`}>
</div>`;
}

/** The field to begin at: the first wrong one, else the page's own choice. Errors stand in the fields' order. */
export function firstField<Name extends string>(
  errors: Readonly<Partial<Record<Name, string>>>,
  otherwise: NoInfer<Name> | undefined,
): Name | undefined {
  return (Object.keys(errors) as Name[])[0] ?? otherwise;
}

/** Whose password it is, for password managers; not sent. */
export function userNameField(userName: string): Html {
  return html`<div class="field">
<label for="userName">User name</label>
<input id="userName" type="text" value="${userName}" autocomplete="username" readonly>
</div>`;
}

export function formToken(token: string): Html {
  return html`<input type="hidden" name="formToken" value="${token}">`;
}

/** What went wrong, read out at once. */
export function problem(message: string): Html {
  return html`<p class="notice bad" role="alert">${message}</p>`;
}

/** Where to ask for a link, with the company filled in where it is known. */
export function resetHref(company: string): string {
  return company === '' ? '/password/reset' : `/password/reset?company=${encodeURIComponent(company)}`;
}

export function gatewayHref(company: string): string {
  return company === '' ? '/' : `/?company=${encodeURIComponent(company)}`;
}
