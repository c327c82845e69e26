import * as v from 'valibot';
import { expect, test } from 'vitest';
import { emailAddress, line, rights, userName } from '../../shared/routes/fields.ts';
import { acceptPassword } from '../../shared/rules/passwords.ts';

test.each([
  'bot@उदाहरण.भारत',
  'bot@bücher.example',
  `bot@${'a'.repeat(63)}.example`,
  "o'neil+x@sub.acme.example",
])('M5 takes the address %s', (address) => expect(v.safeParse(emailAddress, address).success).toBe(true));

test.each([
  'bot@127.0.0.1',
  'bot@a.1',
  `bot@${'a'.repeat(64)}.example`,
  'bot@-a.example',
  'bot@a-.example',
  'bot@localhost',
  '.bot@a.example',
  'bo..t@a.example',
  'bot.@a.example',
  'a@b@c.example',
  'böt@a.example',
  'bot@a..example',
  '@a.example',
])('M5 refuses the address %s', (address) => expect(v.safeParse(emailAddress, address).success).toBe(false));

test.each(['\u3164', '\uFE0F', 'bot\uFE0F', '\u0301bot', 'bo\u200Dt'])(
  'refuses the user name %j, which cannot be seen or told apart',
  (name) => expect(v.safeParse(userName, name).success).toBe(false),
);

test('a name that is a zero-width space alone is empty', () => {
  expect(v.safeParse(line(10), '\u200B').success).toBe(false);
});

test('a right is given once', () => {
  expect(v.safeParse(rights, { hr: ['view', 'view'] }).success).toBe(false);
  expect(v.safeParse(rights, { hr: ['view', 'modify'] }).success).toBe(true);
});

test.each(['blink182', 'Maverick', 'babygirl', 'q1w2e3r4t5', 'trustno1'])(
  'S8 refuses %s, of the top 3,000',
  (password) =>
    expect(acceptPassword({ password, minimumLength: 8, names: [] })).toMatchObject({
      refusal: { reason: 'password_common' },
    }),
);
