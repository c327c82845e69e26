import { describe, expect, test } from 'vitest';
import {
  consumesLicence,
  isApiEmployee,
  isInternal,
  parseUserType,
  USER_TYPES,
} from '../../shared/rules/user-types.ts';

describe('M1 user types', () => {
  test('M1 knows exactly three, as the vendor writes them', () => {
    expect(USER_TYPES).toEqual(['Employee', 'External Employee', 'API Employee']);
  });

  test.each([
    ['API Employee', 'API Employee'],
    ['Api Employee', 'API Employee'],
    ['api employee', 'API Employee'],
    ['EMPLOYEE', 'Employee'],
    ['external Employee', 'External Employee'],
    [' Employee ', 'Employee'],
  ])('M1 reads %j as %s', (text, type) => {
    expect(parseUserType(text)).toBe(type);
  });

  test.each([
    [''],
    ['API'],
    ['APIEmployee'],
    ['API  Employee'],
    ['Employees'],
    ['API_Employee'],
    ['API Employeé'],
  ])('M1 knows no user type %j', (text) => {
    expect(parseUserType(text)).toBeUndefined();
  });

  test.each([
    ['Employee', false],
    ['External Employee', false],
    ['API Employee', true],
  ] as const)('M1 %s is an API Employee: %s', (type, expected) => {
    expect(isApiEmployee(type)).toBe(expected);
  });
});

test.each([
  ['Employee', true, true],
  ['Employee', false, false],
  ['External Employee', true, true],
  ['External Employee', false, false],
  ['API Employee', true, false],
  ['API Employee', false, false],
] as const)('M10 %s, active %s, consumes a licence: %s', (type, active, expected) => {
  expect(consumesLicence(type, active)).toBe(expected);
});

test.each([
  ['Employee', true],
  ['API Employee', true],
  ['External Employee', false],
] as const)('M12 %s is an internal user: %s', (type, expected) => {
  expect(isInternal(type)).toBe(expected);
});
