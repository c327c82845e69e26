import { systemClock } from '../../shared/clock.ts';
import { readEnvironment } from '../../shared/config.ts';
import { openMailer } from '../../shared/mail/sender.ts';
import { openTable } from '../../shared/store/table.ts';
import { afterCommit } from './after-commit.ts';

const environment = readEnvironment(['TABLE_NAME', 'MAIL_FROM', 'MAIL_CONFIGURATION_SET', 'PUBLIC_URL']);

export const handler = afterCommit({
  table: openTable(environment.TABLE_NAME),
  sendMail: openMailer(environment.MAIL_FROM, environment.MAIL_CONFIGURATION_SET),
  publicUrl: environment.PUBLIC_URL,
  clock: systemClock,
});
