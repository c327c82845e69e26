import { html } from '../html.ts';
import type { RefusalPage } from '../http/reply.ts';
import { document, problem } from './page-layout.ts';

/** For what is refused before a screen's own endpoint runs, and for faults (S12). */
export const refusalPage: RefusalPage = ({ message, subErrors = [], correlationId }) =>
  document({
    title: 'That did not work',
    failed: true,
    body: html`${problem(message)}
${subErrors.length > 0 && html`<ul>${subErrors.map((line) => html`<li>${line}</li>`)}</ul>`}
<p class="hint">Correlation id: <code>${correlationId}</code></p>
<p><a href="/">Back to sign in</a></p>`,
  });
