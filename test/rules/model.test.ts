import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { granted } from '../../shared/rules/decision.ts';
import { mayChangeEmployee, mayCreateEmployee } from '../../shared/rules/employee-changes.ts';
import { mayChangeRole } from '../../shared/rules/roles.ts';
import { anyRun, type Rules, run } from './model.ts';

const RULES: Rules = { mayCreateEmployee, mayChangeEmployee, mayChangeRole };

describe('R4 M8 M9 M10 M12 M15: any sequence of creations, changes and role edits', () => {
  test('keeps every promise after every command', () => {
    fc.assert(
      fc.property(anyRun, (commands) => {
        run(RULES, commands);
      }),
      { numRuns: 1000 },
    );
  });

  test('grants and refuses often enough to mean something', () => {
    const seen = { granted: 0, refused: 0 };
    for (const commands of fc.sample(anyRun, { numRuns: 200, seed: 3 })) {
      const { granted, refused } = run(RULES, commands);
      seen.granted += granted;
      seen.refused += refused;
    }
    expect(seen.granted).toBeGreaterThan(1000);
    expect(seen.refused).toBeGreaterThan(1000);
  });

  const noRoom = { total: Number.POSITIVE_INFINITY, used: 0 };

  test.each<[string, Partial<Rules>, RegExp]>([
    [
      'creation that does not look at the licences',
      { mayCreateEmployee: (facts) => mayCreateEmployee({ ...facts, licences: noRoom }) },
      /M10 licences used stay within the total/,
    ],
    [
      'reactivation that does not look at the licences',
      { mayChangeEmployee: (facts) => mayChangeEmployee({ ...facts, licences: noRoom }) },
      /M10 licences used stay within the total/,
    ],
    [
      'a change that forgets the last Administrator',
      { mayChangeEmployee: (facts) => mayChangeEmployee({ ...facts, activeAdministrators: 9 }) },
      /an active Administrator with a mail address is left/,
    ],
    [
      'a change of type without M8 and M9',
      {
        mayChangeEmployee: (facts) =>
          facts.before.userType === facts.after.userType
            ? mayChangeEmployee(facts)
            : granted({ licences: 0, administrators: 0 }),
      },
      /M8 M9/,
    ],
    [
      'a change that takes everybody for a person',
      {
        mayChangeEmployee: ({ actor, ...facts }) =>
          mayChangeEmployee({
            ...facts,
            actor: actor.kind === 'operator' ? actor : { ...actor, userType: 'Employee' },
          }),
      },
      /its own user name or mail address/,
    ],
    [
      'a role edit that does not look at its holders',
      { mayChangeRole: (facts) => mayChangeRole({ ...facts, internalHolders: 0 }) },
      /M12/,
    ],
    [
      'a role edit that grants all',
      { mayChangeRole: ({ after }) => granted(after) },
      /M15 Administrator|M12/,
    ],
  ])('catches %s', (_fault, bad, message) => {
    const caught = fc
      .sample(anyRun, { numRuns: 400, seed: 7 })
      .some((commands) => throwsLike(() => run({ ...RULES, ...bad }, commands), message));
    expect(caught).toBe(true);
  });
});

function throwsLike(action: () => unknown, message: RegExp): boolean {
  try {
    action();
    return false;
  } catch (error) {
    return error instanceof Error && message.test(error.message);
  }
}
