import { Stack } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import {
  ConfigurationSet,
  ConfigurationSetTlsPolicy,
  EmailSendingEvent,
  EventDestination,
} from 'aws-cdk-lib/aws-ses';
import { Construct } from 'constructs';
import type { DeploymentSettings } from './settings.ts';

/** What functions need to send mail, and the configuration set by which bounces and complaints come back. */
export class Mail extends Construct {
  /**
   * Any identity: SES asks for the permission on each verified one that a mail touches, in its sandbox on the
   * recipient's too. The condition on `from` keeps to the sender.
   */
  readonly identitiesArn: string;
  readonly from: string;
  readonly configurationSetArn: string;
  readonly configurationSetName: string;

  constructor(scope: Construct, id: string, { mailFrom, mailConfigurationSet }: DeploymentSettings) {
    super(scope, id);
    this.from = mailFrom;
    this.identitiesArn = Stack.of(this).formatArn({
      service: 'ses',
      resource: 'identity',
      resourceName: '*',
    });
    const set = new ConfigurationSet(this, 'Feedback', {
      configurationSetName: mailConfigurationSet,
      tlsPolicy: ConfigurationSetTlsPolicy.REQUIRE,
      reputationMetrics: true,
    });
    set.addEventDestination('EventBridge', {
      destination: EventDestination.eventBus(EventBus.fromEventBusName(this, 'Bus', 'default')),
      events: [EmailSendingEvent.BOUNCE, EmailSendingEvent.COMPLAINT],
    });
    this.configurationSetName = mailConfigurationSet;
    this.configurationSetArn = Stack.of(this).formatArn({
      service: 'ses',
      resource: 'configuration-set',
      resourceName: this.configurationSetName,
    });
  }
}
