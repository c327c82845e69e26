import { expect, test } from 'vitest';
import { networkOf, originOf } from '../../shared/http/http-function.ts';

// A household or a company has one IPv4 address, or one /64 of IPv6.
test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:2::9', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
])('%s is of the network %s', (address, network) => expect(networkOf(address)).toBe(network));

test('S12: a client that names no agent is served; an agent cut in the middle of a character is text all the same', () => {
  const agentTold = (userAgent: string | undefined) => {
    const http = { sourceIp: '192.0.2.7', ...(userAgent === undefined ? {} : { userAgent }) };
    return originOf({ requestContext: { http, requestId: 'r' } } as never).userAgent;
  };
  expect(agentTold(undefined)).toBe('');
  // DynamoDB reads no lone surrogate: a guess at a password would be judged, and its record lost (M17).
  const cut = agentTold(`${'a'.repeat(255)}\u{1F511}`);
  expect(cut).toHaveLength(256);
  expect(cut.isWellFormed()).toBe(true);
});
