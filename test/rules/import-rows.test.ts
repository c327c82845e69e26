import { expect, it, test } from 'vitest';
import { checkRows } from '../../functions/employee-import/check-rows.ts';
import { readCsv } from '../../functions/employee-import/read-csv.ts';
import { dryRunView } from '../../functions/employee-import/view.ts';
import type { BearerActor } from '../../shared/http/call.ts';
import { ROLES_MAX } from '../../shared/rules/roles.ts';
import { actor as admin, role } from './fixtures.ts';

/** As many roles as a company may have, and somebody who may give each of them. */
const roles = Array.from({ length: ROLES_MAX }, (_, at) => role({ id: 100 + at, name: `Team Röle ${at}` }));
const actor = {
  tenant: { tenant: 'acme', roles: Object.fromEntries(roles.map((one) => [String(one.id), one])) },
  facts: admin(),
} as unknown as BearerActor;

const check = (cells: readonly string[]) =>
  checkRows(
    cells.map((securityRoles, at) => ({
      row: at + 2,
      cells: { userName: `u${at}`, userType: 'Employee', firstName: 'U', lastName: 'V', securityRoles },
      problems: [],
    })),
    { actor, sendInstructions: false },
  );

/** A call has 29 s for its checks and its writes; the machine of the tests may be busy. */
const SOON_MILLISECONDS = 4000;

it('checks the largest file of a company with the most roles in a fraction of its call', () => {
  const begun = Date.now();
  const { rows, badRows } = check(
    Array.from({ length: 5000 }, (_, at) => `TEAM RÖLE ${at % ROLES_MAX}; ${100 + ((at + 1) % ROLES_MAX)}`),
  );
  expect(badRows).toEqual([]);
  expect(rows.at(1)?.fields.securityRoleIds).toEqual([101, 102]);
  expect(Date.now() - begun).toBeLessThan(SOON_MILLISECONDS);
});

it('looks up no more names in a cell than an account may hold roles, and says so once', () => {
  const begun = Date.now();
  const { badRows } = check([Array.from({ length: 200_000 }, (_, at) => `nobody-${at}`).join(';')]);
  expect(badRows).toEqual([{ row: 2, problems: ['securityRoles must hold at most 20 roles'] }]);
  expect(Date.now() - begun).toBeLessThan(SOON_MILLISECONDS);
});

const LIMIT_BYTES = 2 * 1024 * 1024;

test.each(['\n', 'x\n'])('does not count the lines of a file of nothing but %j to their end', (line) => {
  const begun = Date.now();
  const read = readCsv(
    `userName,userType,firstName,lastName\n${line.repeat((LIMIT_BYTES - 100) / line.length)}`,
  );
  const problem = 'the file holds more than 50000 rows; at most 5000 are imported at once';
  expect(read).toEqual({ ok: false, refusal: { reason: 'invalid_fields', problems: [problem] } });
  expect(Date.now() - begun).toBeLessThan(SOON_MILLISECONDS);
});

it('numbers rows as a spreadsheet does, empty ones among them', () => {
  const read = readCsv('userName,userType,firstName,lastName\n\n,,,\na,Employee,A,B\n');
  expect(read).toMatchObject({ ok: true, value: [{ row: 4, cells: { userName: 'a' } }] });
});

it('lists as many wrong rows as one reply holds, and says how many more there are', () => {
  const problems = ['securityRoles names a role that does not exist: Wizard'];
  const report = (count: number) =>
    dryRunView(count, {
      licencesNeeded: 0,
      problems: [],
      badRows: Array.from({ length: count }, (_, at) => ({
        row: at + 2,
        problems: Array(20).fill(problems[0]),
      })),
    });
  expect(report(100)).toMatchObject({ valid: false, problems: [], badRows: { length: 100 } });
  const { badRows, problems: said, valid } = report(5000);
  expect(valid).toBe(false);
  // As Lambda counts: the body is a text within JSON.
  expect(JSON.stringify(JSON.stringify(badRows)).length).toBeLessThan(5 * 1024 * 1024);
  expect(badRows.length).toBeGreaterThan(2000);
  expect(said).toEqual([`wrong rows that are not listed: ${5000 - badRows.length}`]);
});
