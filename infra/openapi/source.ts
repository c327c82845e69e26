import { readFileSync } from 'node:fs';
import { refusalReply } from '../../shared/http/reply.ts';
import type { Reason, Refusal } from '../../shared/refusal.ts';
import type { Route } from '../../shared/routes/route.ts';
import { functions } from '../functions.ts';
import type { DocumentSource } from './document.ts';

/** What the document of this deployment is made from. */
export function documentSource(): DocumentSource {
  const manifest: { version: string } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  );
  const capabilities = functions.flatMap(({ name, purpose, trigger }) =>
    trigger.kind === 'http' ? [{ name, description: purpose, routes: trigger.routes }] : [],
  );
  return { version: manifest.version, capabilities, statusOf };
}

/** Asks the reply itself, so that the document can't say another status than the API does. */
function statusOf(route: Route, reason: Reason): number {
  const { statusCode } = refusalReply(route, sampleRefusal(reason), '');
  if (statusCode === undefined) throw new Error(`${route.operationId}: no status for ${reason}`);
  return statusCode;
}

/** What refusals carry beside their reason; the status of a reply does not depend on it. */
const SAMPLE_DETAILS = {
  problems: [],
  accepted: [],
  roles: [],
  fields: [],
  badRows: [],
  right: { module: 'hr', action: 'view' },
  grantType: '',
  offered: [],
  allowed: [],
};

export function sampleRefusal(reason: Reason): Refusal {
  // Each reason has some of the details; with all of them it is whatever reason it is.
  return { ...SAMPLE_DETAILS, reason } as unknown as Refusal;
}
