import type { Answer, Page } from '../http/call.ts';
import type { RefusalReply } from '../http/refusal-reply.ts';
import { tellRefusal } from '../http/refusals.ts';
import type { Refusal } from '../refusal.ts';
import { granted } from '../rules/decision.ts';

const BAD_REQUEST = 400;

type Outcome = { readonly ok: true; readonly value: Answer };

export function show(html: string, extra: Partial<Omit<Page, 'html'>> = {}): Outcome {
  return granted({ page: { status: 200, ...extra, html } });
}

/** A page that tells a refusal, with the status and the wait that every other reply would have. */
export function showRefusal(
  refusal: Refusal,
  page: (message: string) => string,
  setCookies: readonly string[] = [],
): Outcome {
  const { status, message, retryAfterSeconds }: RefusalReply = tellRefusal(refusal);
  const wait = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };
  return show(page(message), { status, setCookies, ...wait });
}

/** A form that comes back with words beside its fields. */
export function showIncomplete(html: string, setCookies: readonly string[]): Outcome {
  return show(html, { status: BAD_REQUEST, setCookies });
}

/** The sentence for each field that was left empty; undefined when none was. */
export function emptyFields<Name extends string>(
  body: Readonly<Record<NoInfer<Name>, string>>,
  sentences: Readonly<Record<Name, string>>,
): Partial<Record<Name, string>> | undefined {
  const names = (Object.keys(sentences) as Name[]).filter((name) => body[name].trim() === '');
  if (names.length === 0) return undefined;
  return Object.fromEntries(names.map((name) => [name, sentences[name]])) as Partial<Record<Name, string>>;
}
