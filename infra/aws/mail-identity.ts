import { CfnOutput, RemovalPolicy } from 'aws-cdk-lib';
import { EmailIdentity, Identity } from 'aws-cdk-lib/aws-ses';
import { Construct } from 'constructs';
import type { DeploymentSettings } from './settings.ts';

/** The part of a sender's address that is known to SES. */
const senderDomain = (mailFrom: string): string => mailFrom.slice(mailFrom.indexOf('@') + 1);

/** The sender's domain at SES, signed with DKIM, and the DNS records that it needs. */
export class MailIdentity extends Construct {
  constructor(scope: Construct, id: string, { mailFrom }: Pick<DeploymentSettings, 'mailFrom'>) {
    super(scope, id);
    const identity = new EmailIdentity(this, 'Domain', {
      identity: Identity.domain(senderDomain(mailFrom)),
      dkimSigning: true,
    });
    // Deleted and made again it would ask for new DNS records, and no mail would leave until they are there. Only
    // where its first creation fails it goes, since an account has one of a name, and the next try would find it.
    identity.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    for (const [index, { name, value }] of identity.dkimRecords.entries()) {
      const output = `Dkim${index + 1}`;
      new CfnOutput(this, output, {
        value: `${name} CNAME ${value}`,
        description: 'DNS record to publish before mails can leave',
      }).overrideLogicalId(output);
    }
  }
}
