import type * as v from 'valibot';
import type { Refusal } from '../refusal.ts';
import type { Route } from '../routes/route.ts';
import type { Decision } from '../rules/decision.ts';
import type { ActorFacts } from '../rules/employee-changes.ts';
import type { QuotaState } from '../rules/quota.ts';
import type { RoleFacts } from '../rules/rights.ts';
import type { Origin } from '../store/audit.ts';
import type { EmployeeItem, TenantItem } from '../store/items.ts';
import type { SessionItem } from '../store/sessions.ts';
import type { Write } from '../store/table.ts';

type OutputOf<S> = S extends v.GenericSchema<unknown, infer Output> ? Output : undefined;

/** A signed-in employee: loaded afresh on each call (M18). */
export type BearerActor = {
  readonly kind: 'employee';
  readonly tenant: TenantItem;
  readonly employee: EmployeeItem;
  readonly roles: readonly RoleFacts[];
  readonly facts: Extract<ActorFacts, { kind: 'employee' }>;
  /** Undefined when the call could not be counted. */
  readonly quota: QuotaState | undefined;
};

/** A person signed in at the gateway: loaded afresh on each request (M18). */
export type SessionActor = {
  readonly kind: 'session';
  readonly tenant: TenantItem;
  readonly employee: EmployeeItem;
  readonly roles: readonly RoleFacts[];
  readonly session: SessionItem;
};

/** An operator of the deployment, authenticated by API Gateway (IAM). */
export type OperatorActor = { readonly kind: 'operator'; readonly arn: string };

type ActorOf<R extends Route> = R['auth'] extends 'bearer'
  ? BearerActor
  : R['auth'] extends 'operator'
    ? OperatorActor
    : R['auth'] extends 'session'
      ? SessionActor
      : undefined;

/** One request, parsed and authorised as its route says. */
export type Call<R extends Route> = {
  readonly params: R extends { params: infer S } ? OutputOf<S> : undefined;
  readonly query: R extends { query: infer S } ? OutputOf<S> : undefined;
  readonly body: R extends { body: { schema: infer S } } ? OutputOf<S> : undefined;
  readonly actor: ActorOf<R>;
  readonly origin: Origin;
  readonly now: Date;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly cookies: Readonly<Record<string, string>>;
  /**
   * Writes that keep this answer under the request's Idempotency-Key, for the transaction that does what the
   * answer tells; none without a key. An endpoint that leaves them out has its answer kept right afterwards.
   */
  readonly keep: (answer: Answer) => readonly Write<'changed_meanwhile'>[];
};

/** A web page or a redirect. */
export type Page = {
  readonly status: number;
  readonly html?: string;
  /** Where to go next (303). */
  readonly location?: string;
  readonly setCookies?: readonly string[];
  /** When to come back (429, 503). */
  readonly retryAfterSeconds?: number;
};

/** A file that pages link to by an address with its hash in it: it may be kept for good. */
type Content = { readonly type: string; readonly body: string };

/** A file to save, made for this caller: kept by no cache. `nextCursor` goes on where it ends (header). */
export type Download = {
  readonly type: string;
  readonly fileName: string;
  readonly body: string;
  readonly nextCursor: string | null;
};

export type Answer =
  | {
      readonly result: unknown;
      readonly totalRecords?: number;
      readonly nextCursor?: string | null;
      /** Version of the one record that the result shows: sent as its ETag. */
      readonly version?: number;
    }
  | { readonly json: unknown }
  | { readonly page: Page }
  | { readonly content: Content }
  | { readonly download: Download };

export type Outcome<R extends Route> = Decision<
  Answer,
  Extract<Refusal, { reason: R['refusals'][number] | 'busy' }>
>;

/** An endpoint bound to its entry in the route table. */
export type Endpoint = {
  readonly route: Route;
  readonly run: (call: never) => Promise<Decision<Answer, Refusal>>;
};

export function endpoint<const R extends Route>(
  route: R,
  run: (call: Call<R>) => Promise<Outcome<R>>,
): Endpoint {
  return { route, run };
}
