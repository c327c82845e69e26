import { systemClock } from '../../shared/clock.ts';
import { readEnvironment } from '../../shared/config.ts';
import { openTable } from '../../shared/store/table.ts';
import { takeFeedback } from './take-feedback.ts';

const { TABLE_NAME } = readEnvironment(['TABLE_NAME']);

export const handler = takeFeedback({ table: openTable(TABLE_NAME), clock: systemClock });
