import { describe, expect, it } from 'vitest';
import { enrol, newPerson, sendForm, signInAt } from '../support/people.ts';
import { fetchToken, newTenant, PASSWORD } from '../support/world.ts';

const FACTOR = '/account/second-factor';
const FORMS = [`${FACTOR}/codes`, `${FACTOR}/remove`] as const;
const LEFT_OUT = [{}, { code: '123456' }, { password: '' }, { password: '', code: '' }] as const;

describe('a form that asks for the password, sent without it', () => {
  it('is refused in words, each time, and counts as no guess', async () => {
    const tenant = await newTenant();
    const person = await newPerson(tenant);
    const { browser } = await signInAt(tenant.name, person.userName);
    const { app } = await enrol(browser);
    for (const form of FORMS) {
      for (const fields of LEFT_OUT) {
        const page = await sendForm(browser, FACTOR, form, fields);
        expect([form, page.status]).toEqual([form, 401]);
        expect(page.html).toContain('The password is wrong.');
      }
    }
    // Eight empty forms later the right password and code are taken at once.
    const fields = { password: PASSWORD, code: await app.code() };
    const page = await sendForm(browser, FACTOR, `${FACTOR}/codes`, fields);
    expect(page.status).toBe(200);
    // And a wrong one is a guess still: the test can fail.
    for (let guess = 0; guess < 4; guess += 1) {
      await sendForm(browser, FACTOR, `${FACTOR}/codes`, { password: 'wrong wrong wrong', code: '123456' });
    }
    expect((await fetchToken(person.user, 'wrong wrong wrong')).reason).toBe('throttled');
  });
});
