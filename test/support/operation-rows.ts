import { readFileSync } from 'node:fs';
import { routes } from './contract.ts';
import type { Cost } from './operation-meter.ts';

/** They walk the people of the company to the end: docs/data-model.md says what that takes. */
export const GROWING: ReadonlySet<string> = new Set(['lookUpDepartments', 'lookUpJobTitles']);

/** As docs/data-model.md has them, in the order of the route table. */
export const rowsOf = (costs: ReadonlyMap<string, Cost>): string[] =>
  routes.map(({ operationId }) => {
    const { dynamodb, readUnits, writeUnits, cognito } = costs.get(operationId) ?? {};
    const name = `\`${operationId}\`${GROWING.has(operationId) ? ' †' : ''}`;
    return `| ${name} | ${cell(dynamodb)} | ${readUnits} | ${writeUnits} | ${cell(cognito)} |`;
  });
const cell = (calls = '') => (calls === '' ? '–' : calls);

export function publishedRows(): string[] {
  const page = readFileSync(new URL('../../docs/data-model.md', import.meta.url), 'utf8');
  return page.match(/^\| `\w+`(?: †)? \|(?: [^|]+ \|){4}$/gm) ?? [];
}
