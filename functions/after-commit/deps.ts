import type { Clock } from '../../shared/clock.ts';
import type { SendMail } from '../../shared/mail/sender.ts';
import type { Table } from '../../shared/store/table.ts';

export type Deps = {
  readonly table: Table;
  readonly sendMail: SendMail;
  /** The host in every link (S4). */
  readonly publicUrl: string;
  readonly clock: Clock;
};
