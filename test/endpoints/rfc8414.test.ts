import { beforeAll, describe, expect, it } from 'vitest';
import { stack } from '../support/world.ts';

let reply: Response;
let metadata: Record<string, unknown>;
beforeAll(async () => {
  reply = await fetch(`${stack.url}/.well-known/oauth-authorization-server`);
  metadata = (await reply.json()) as Record<string, unknown>;
});

describe('RFC 8414 3: the metadata', () => {
  it('is JSON, for everybody (3.2)', () => {
    expect(reply.status).toBe(200);
    expect(reply.headers.get('content-type')).toMatch(/^application\/json/);
  });

  it('has the issuer that it was fetched from (3.3)', () => {
    expect(metadata.issuer).toBe(stack.url);
  });

  it('has what section 2 requires, and names only what there is', async () => {
    expect(metadata).toMatchObject({
      response_types_supported: [],
      grant_types_supported: ['client_credentials', 'refresh_token'],
    });
    for (const endpoint of ['token_endpoint', 'revocation_endpoint', 'introspection_endpoint']) {
      const answer = await fetch(String(metadata[endpoint]), { method: 'POST' });
      expect(answer.status, endpoint).toBe(415);
    }
    expect(metadata).not.toHaveProperty('authorization_endpoint');
  });

  it('says where the keys are', async () => {
    const keys = (await (await fetch(String(metadata.jwks_uri))).json()) as { keys: { kid: string }[] };
    expect(keys.keys.length).toBeGreaterThan(0);
  });
});
