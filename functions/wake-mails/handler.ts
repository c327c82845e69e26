import { systemClock } from '../../shared/clock.ts';
import { readEnvironment } from '../../shared/config.ts';
import { openTable } from '../../shared/store/table.ts';
import { wakeMails } from './wake-mails.ts';

const { TABLE_NAME } = readEnvironment(['TABLE_NAME']);

export const handler = wakeMails({ table: openTable(TABLE_NAME), clock: systemClock });
