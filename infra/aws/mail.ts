import { CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import {
  ConfigurationSet,
  ConfigurationSetTlsPolicy,
  EmailIdentity,
  EmailSendingEvent,
  EventDestination,
  Identity,
} from 'aws-cdk-lib/aws-ses';
import { Construct } from 'constructs';
import type { DeploymentSettings } from './settings.ts';

/** The sender's domain at SES, signed with DKIM. */
export class MailIdentity extends Construct {
  readonly identityArn: string;
  readonly from: string;
  readonly configurationSetArn: string;
  readonly configurationSetName: string;

  constructor(scope: Construct, id: string, { stage, mailFrom, mailIdentity }: DeploymentSettings) {
    super(scope, id);
    const domain = mailFrom.slice(mailFrom.indexOf('@') + 1);
    this.from = mailFrom;
    this.identityArn = Stack.of(this).formatArn({
      service: 'ses',
      resource: 'identity',
      resourceName: domain,
    });
    const set = new ConfigurationSet(this, 'Feedback', {
      configurationSetName: `psa-accounts-${stage}`,
      tlsPolicy: ConfigurationSetTlsPolicy.REQUIRE,
      reputationMetrics: true,
    });
    set.addEventDestination('EventBridge', {
      destination: EventDestination.eventBus(EventBus.fromEventBusName(this, 'Bus', 'default')),
      events: [EmailSendingEvent.BOUNCE, EmailSendingEvent.COMPLAINT],
    });
    this.configurationSetName = `psa-accounts-${stage}`;
    this.configurationSetArn = Stack.of(this).formatArn({
      service: 'ses',
      resource: 'configuration-set',
      resourceName: this.configurationSetName,
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
