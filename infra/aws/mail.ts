import { CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { EmailIdentity, Identity } from 'aws-cdk-lib/aws-ses';
import { Construct } from 'constructs';
import type { DeploymentSettings } from './settings.ts';

/** The sender's domain at SES, signed with DKIM. */
export class MailIdentity extends Construct {
  readonly identityArn: string;
  readonly from: string;

  constructor(scope: Construct, id: string, { mailFrom, mailIdentity }: DeploymentSettings) {
    super(scope, id);
    const domain = mailFrom.slice(mailFrom.indexOf('@') + 1);
    this.from = mailFrom;
    this.identityArn = Stack.of(this).formatArn({
      service: 'ses',
      resource: 'identity',
      resourceName: domain,
    });
    if (mailIdentity === 'existing') return;
    const identity = new EmailIdentity(this, 'Domain', {
      identity: Identity.domain(domain),
      dkimSigning: true,
    });
    // Deleted and made again it would ask for new DNS records, and no mail would leave until they are there.
    identity.applyRemovalPolicy(RemovalPolicy.RETAIN);
    for (const [index, { name, value }] of identity.dkimRecords.entries()) {
      new CfnOutput(this, `Dkim${index + 1}`, {
        value: `${name} CNAME ${value}`,
        description: 'DNS record to publish before mails can leave',
      });
    }
  }
}
