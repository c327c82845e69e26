import { describe, expect, it, test } from 'vitest';
import { leaksIn, type Traces } from '../support/canaries.ts';

const secret = 'a'.repeat(43);
const clean: Traces = {
  logs: { 'logs/tokens.log': '{"message":"request_failed","correlationId":"c1"}' },
  items: [
    { PK: 'TENANT#acme', type: 'employee', emailAddress: 'bridge@acme.example' },
    { PK: 'AUDIT#acme', type: 'audit', changes: { emailAddress: { before: 'withheld', after: 'withheld' } } },
  ],
  mails: [
    {
      to: ['bridge@acme.example'],
      subject: 'Set your password',
      text: `https://psa.example/password/new?link=r1.${secret}`,
      html: '',
    },
  ],
};
const { logs, items, mails } = clean;
const [mail] = mails;
if (mail === undefined) throw new Error('There is a mail above');

describe('S13: what a run of the suite leaves behind', () => {
  it('is clean when nothing leaked', () => {
    expect(leaksIn(clean)).toEqual([]);
  });

  test.each<[string, Traces]>([
    ['a password in a log', { ...clean, logs: { x: 'got seventeen quiet lanterns' } }],
    ['a token in a log', { ...clean, logs: { x: 'Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhYmMifQ.x' } }],
    ['a reset secret in a log', { ...clean, logs: { x: `GET /password/new?link=r1.${secret}` } }],
    ['an address in a log', { ...clean, logs: { x: 'sent to bridge@acme.example' } }],
    [
      'an address in the audit',
      { ...clean, items: [...items, { type: 'audit', to: 'bridge@acme.example' }] },
    ],
    ['a password in the table', { ...clean, items: [{ type: 'reset', typed: 'wrong wrong wrong' }] }],
    [
      'a token in the table',
      { ...clean, items: [{ type: 'family', token: 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhYmMifQ.x' }] },
    ],
    ['a reset secret in the table', { ...clean, items: [...items, { type: 'reset', secret }] }],
    [
      'a token in a mail',
      { ...clean, mails: [{ ...mail, text: 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhYmMifQ' }] },
    ],
    ['a password in a mail', { ...clean, mails: [{ ...mail, html: 'nine wandering teacups' }] }],
    [
      "another's address in a mail",
      { ...clean, mails: [mail, { ...mail, to: ['b@acme.example'], text: 'ask bridge@acme.example' }] },
    ],
    [
      'two links in a mail',
      { ...clean, mails: [{ ...mail, html: `/password/new?link=r2.${'b'.repeat(43)}` }] },
    ],
  ])('tells of %s', (_, traces) => {
    expect(leaksIn(traces)).toHaveLength(1);
  });

  it('leaves the same link in text and HTML alone', () => {
    expect(leaksIn({ logs, items, mails: [{ ...mail, html: mail.text }] })).toEqual([]);
  });
});
