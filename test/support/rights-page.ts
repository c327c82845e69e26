import { readFileSync } from 'node:fs';
import type { Action, Module, Right } from '../../shared/rules/rights.ts';
import type { UserType } from '../../shared/rules/user-types.ts';

/** docs/rights.md as data: what the tests hold the API against. */
export type CallRow = {
  /** `GET /v2/hr/employees/{id}`. */
  readonly call: string;
  readonly right: Right | null;
  readonly externalRight: Right | null;
};
export type RoleRow = {
  readonly name: string;
  readonly external: boolean;
  readonly apiAccess: string;
  readonly rights: Readonly<Record<string, readonly string[]>>;
};

const text = readFileSync(new URL('../../docs/rights.md', import.meta.url), 'utf8');

function tableUnder(heading: string): Record<string, string>[] {
  const section = text.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const [header = [], , ...rows] = section
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
  return rows.map((row) => Object.fromEntries(header.map((name, index) => [name, row[index] ?? ''])));
}

function rightIn(cell: string): Right | null {
  if (cell === 'none') return null;
  const [module = '', action = ''] = cell.split(': ');
  return { module: module as Module, action: action as Action };
}

export const callRows: readonly CallRow[] = tableUnder('Calls').map((row) => {
  const right = rightIn(row.Right ?? '');
  const external = row['External Employees'] ?? '';
  return {
    call: (row.Call ?? '').replaceAll('`', ''),
    right,
    externalRight: external === '' ? right : rightIn(external),
  };
});

export const roleRows: readonly RoleRow[] = tableUnder('Built-in roles').map((row) => {
  const { Role: name = '', Kind: kind, 'API Access': apiAccess = '', ...modules } = row;
  const rights = Object.entries(modules).flatMap(([module, cell]) =>
    cell ? [[module, cell.split(', ')]] : [],
  );
  return { name, external: kind === 'external', apiAccess, rights: Object.fromEntries(rights) };
});

/** Whether an account with this one role may make the call, as the page says. */
export function pageAllows(row: CallRow, role: RoleRow, userType: UserType): boolean {
  const right = userType === 'External Employee' ? row.externalRight : row.right;
  return right === null || (role.rights[right.module]?.includes(right.action) ?? false);
}
