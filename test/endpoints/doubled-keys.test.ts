import { expect, test } from 'vitest';
import { doubledKeys } from '../../shared/http/doubled-keys.ts';
import { newTenant, request } from '../support/world.ts';

test.each([
  ['{"a":1,"a":2}', ['a']],
  ['{"a":1,"\\u0061":2}', ['a']],
  ['{"x":{"b":1,"b":2},"y":[{"c":1},{"c":2}]}', ['b']],
  ['{"a":"a","b":"{\\"a\\":1,\\"a\\":2}"}', []],
  ['{"a":{"a":{"a":1}}}', []],
  ['["a","a",{"a":":"}]', []],
])('in %s the keys %j stand twice', (text, keys) => expect(doubledKeys(text)).toEqual(keys));

test('a doubled JSON key is refused by name, and creates nothing', async () => {
  const tenant = await newTenant();
  const reply = await request('POST', '/v2/hr/employees', {
    token: tenant.admin,
    headers: { 'content-type': 'application/json' },
    body: '{"userName":"x","userName":"y","userType":"API Employee","firstName":"a","lastName":"b"}',
  });
  expect(reply).toMatchObject({ status: 400, error: { subErrors: ['userName is given more than once'] } });
  expect((await request('GET', '/v2/hr/employees', { token: tenant.admin })).totalRecords).toBe(1);
});
