import { beforeAll, expect, it } from 'vitest';
import { listSessions, newSession, type SessionItem, sessionPut } from '../../shared/store/sessions.ts';
import { openTable, type Table, transact } from '../../shared/store/table.ts';
import { useStackEnvironment } from '../support/environment.ts';
import { originFrom } from '../support/origin.ts';
import { type Member, newMember, sendForm } from '../support/people.ts';
import { newTenant, request, stack, type Tenant } from '../support/world.ts';

/** More sessions than one transaction ends, as a script makes them that signs in for each of its runs. */

const OTHERS = 130;

let tenant: Tenant;
let table: Table;
let person: Member;
let own: SessionItem;
const sessions = () => listSessions(table, tenant.name, person.id, new Date());

beforeAll(async () => {
  useStackEnvironment();
  table = openTable(stack.tableName);
  tenant = await newTenant();
  person = await newMember(tenant);
  const [first] = await sessions();
  if (first === undefined) throw new Error('Nobody is signed in');
  own = first;
  const others = Array.from({ length: OTHERS }, () => {
    const { session } = newSession({
      employee: { tenant: tenant.name, id: person.id },
      generation: own.generation,
      secondFactorPassed: false,
      signedInAtEpochSeconds: own.signedInAt,
      origin: originFrom('192.0.2.9'),
    });
    return session;
  });
  for (let begin = 0; begin < OTHERS; begin += 50) {
    await transact(table, others.slice(begin, begin + 50).map(sessionPut));
  }
});

it('are all ended at once but the own, those too that the page does not show', async () => {
  const { html } = await person.browser.get(`${stack.url}/account/sessions`);
  expect(html.match(/End this session/g)).toHaveLength(50);
  expect(html).toContain('And 80 more');
  const done = await sendForm(person.browser, '/account/sessions', '/account/sessions', {
    session: 'others',
  });
  expect(done.html).toContain(`${OTHERS} sessions were ended.`);
  expect(done.html).not.toContain('End this session');
  expect(await sessions()).toMatchObject([{ id: own.id }]);
  const log = await request('GET', '/v2/admin/security/auditlog?Filter.Action=session.end', {
    token: tenant.admin,
  });
  const ended = (log.result as { details: { sessions: number } }[]).map(({ details }) => details.sessions);
  expect(ended.sort()).toEqual([40, 90]);
});
