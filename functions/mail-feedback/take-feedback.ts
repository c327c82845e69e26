import * as v from 'valibot';
import type { Clock } from '../../shared/clock.ts';
import { errorFields, logError, logInfo } from '../../shared/log.ts';
import { asciiAddress, MAIL_TAGS, type OwedBy } from '../../shared/mail/addresses.ts';
import { countMail } from '../../shared/metrics.ts';
import { parseShape } from '../../shared/shape.ts';
import { type MailProblem, markUndeliverable, readAddressee } from '../../shared/store/mail-feedback.ts';
import type { Table } from '../../shared/store/table.ts';

type Deps = { readonly table: Table; readonly clock: Clock };

/** https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html, as EventBridge wraps it. */
const feedback = v.object({
  detail: v.object({
    eventType: v.string(),
    bounce: v.optional(v.object({ bounceType: v.string(), bounceSubType: v.optional(v.string()) })),
    complaint: v.optional(v.object({ complaintFeedbackType: v.nullish(v.string()) })),
    mail: v.object({
      destination: v.array(v.string()),
      tags: v.record(v.string(), v.array(v.string())),
    }),
  }),
});
type Feedback = v.InferOutput<typeof feedback>['detail'];

/**
 * A mail bounced for good, or was reported as spam: the account's address is marked, so that admins see it (M5).
 * The account is found by the tag of the mail, not by its address, which may stand on several accounts.
 */
export function takeFeedback({ table, clock }: Deps) {
  return async (event: unknown): Promise<void> => {
    try {
      const { detail } = parseShape(feedback, event);
      const problem = problemOf(detail);
      const owedBy = owedByOf(detail);
      const resetId = owedBy?.type === 'reset' ? owedBy.id : undefined;
      const employee = problem && owedBy ? await readAddressee(table, owedBy) : undefined;
      if (problem === undefined || employee === undefined || !isTo(employee.emailAddress, detail)) {
        logInfo('feedback_ignored', { resetId, reason: detail.bounce?.bounceType ?? detail.eventType });
        return;
      }
      const of = resetId === undefined ? 'notice' : 'instructions';
      const marked = await markUndeliverable(
        table,
        employee,
        { problem, of },
        {
          tenant: employee.tenant,
          at: clock(),
          action: problem === 'bounced' ? 'mail.bounced' : 'mail.complained-of',
          outcome: 'failed',
          actor: { kind: 'system' },
          employeeId: employee.id,
          ...(resetId === undefined ? {} : { details: { resetId } }),
        },
      );
      if (!marked) return;
      countMail(problem === 'bounced' ? 'Bounced' : 'ComplainedOf');
      logInfo('mail_bounced', { resetId, reason: problem });
    } catch (error) {
      logError('feedback_failed', errorFields(error));
      throw error;
    }
  };
}

/**
 * Of passing troubles SES tells only once it has stopped trying: the mail is lost as if for good. But what it calls
 * `General` is mostly the automatic reply of somebody on leave, who has the mail.
 * https://repost.aws/knowledge-center/ses-understand-soft-bounces
 */
const LOST = new Set(['MailboxFull', 'MessageTooLarge', 'ContentRejected', 'AttachmentRejected']);

function problemOf({ eventType, bounce, complaint }: Feedback): MailProblem | undefined {
  // Providers also report that a mail is none (RFC 6430).
  if (eventType === 'Complaint') {
    return complaint?.complaintFeedbackType === 'not-spam' ? undefined : 'complained_of';
  }
  if (eventType !== 'Bounce' || bounce === undefined) return undefined;
  const { bounceType, bounceSubType = '' } = bounce;
  const lost = bounceType === 'Permanent' || (bounceType === 'Transient' && LOST.has(bounceSubType));
  return lost ? 'bounced' : undefined;
}

function owedByOf({ mail }: Feedback): OwedBy | undefined {
  for (const type of ['reset', 'notice', 'guess-notice'] as const) {
    const id = mail.tags[MAIL_TAGS[type]]?.[0];
    if (id !== undefined) return { type, id };
  }
  return undefined;
}

/** The address may have been corrected since. */
function isTo(address: string | undefined, { mail }: Feedback): boolean {
  return address !== undefined && mail.destination.includes(asciiAddress(address));
}
