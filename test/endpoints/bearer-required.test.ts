import { expect, test } from 'vitest';
import { routeKey } from '../../shared/routes/route.ts';
import { routes } from '../support/contract.ts';
import { request } from '../support/world.ts';

const bearerRoutes = routes.filter(({ auth }) => auth === 'bearer');

test.each(bearerRoutes.map((route) => [routeKey(route), route] as const))(
  '%s is closed without a token',
  async (_, route) => {
    const reply = await request(route.method, route.path.replace(/\{\w+\}/g, '2147483647'));
    expect(reply).toMatchObject({ status: 401, error: { reason: 'token_missing' } });
  },
);
