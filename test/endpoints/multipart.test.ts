import { beforeAll, describe, expect, it, test } from 'vitest';
import type { Envelope } from '../../infra/local/clients.ts';
import { newApiAccount, newTenant, PASSWORD, stack, type Tenant } from '../support/world.ts';

/** Existing clients of the V2 API sign in by multipart/form-data (RFC 7578). */

let tenant: Tenant;
let userName: string;
beforeAll(async () => {
  tenant = await newTenant();
  ({ userName } = await newApiAccount(tenant, PASSWORD));
});

const disposition = (name: string) => `Content-Disposition: form-data; name="${name}"`;
const part = (name: string, value: string, head = disposition(name)) => `--B\r\n${head}\r\n\r\n${value}\r\n`;
const credentials = () =>
  Object.entries({ GrantType: 'password', UserName: userName, Tenant: tenant.name, Password: PASSWORD });
const form = () => credentials().map(([name, value]) => part(name, value));
const MULTIPART = 'multipart/form-data; boundary=B';
const END = '--B--\r\n';

async function send(body: string | Buffer, contentType = MULTIPART) {
  const response = await fetch(`${stack.url}/v2/security/authenticate`, {
    method: 'POST',
    headers: { 'content-type': contentType },
    body: new Uint8Array(Buffer.from(body)),
  });
  const { success, error } = (await response.json()) as Envelope;
  return { status: response.status, success, error };
}

describe('is taken', () => {
  test.each<readonly [string, string, (body: string) => string]>([
    ['with a boundary in quotes', 'multipart/form-data; boundary="B"', (body) => body],
    ['in other letters', 'Multipart/Form-Data; charset=UTF-8; BOUNDARY=B', (body) => body],
    [
      'with a boundary of 70 characters',
      `multipart/form-data; boundary=${'b'.repeat(70)}`,
      (body) => body.replaceAll('--B', `--${'b'.repeat(70)}`),
    ],
    ['with text before it', MULTIPART, (body) => `This is a form.\r\n${body}`],
    [
      'with the boundary in a value',
      'multipart/form-data; boundary=e',
      (body) => body.replaceAll('--B', '--e'),
    ],
    ['without a last line break', MULTIPART, (body) => body.trimEnd()],
  ])('%s', async (_, contentType, spelt) => {
    expect(await send(spelt(form().join('') + END), contentType)).toMatchObject({
      status: 200,
      success: true,
    });
  });

  it('with the headers of .NET: a charset for each part, names without quotes', async () => {
    const parts = credentials().map(([name, value]) =>
      part(
        name,
        value,
        `Content-Type: text/plain; charset=utf-8\r\n${disposition(name).replaceAll('"', '')}`,
      ),
    );
    expect(await send(parts.join('') + END)).toMatchObject({ status: 200, success: true });
  });
});

describe('is refused', () => {
  const refusal = async (body: string | Buffer, contentType?: string) => {
    const { status, success, error } = await send(body, contentType);
    expect({ status, success }).toEqual({ status: 400, success: false });
    return error;
  };

  it('with a file', async () => {
    const file = part('Photo', 'x', `${disposition('Photo')}; filename="x.png"`);
    const error = await refusal(form().join('') + file + END);
    expect(error?.subErrors).toContain('files are not accepted');
  });

  it('with a field more than once, which is named once', async () => {
    const twiceMore = part('Tenant', 'other') + part('Tenant', 'third');
    const error = await refusal(form().join('') + twiceMore + END);
    expect(error?.subErrors).toEqual(['Tenant is given more than once']);
  });

  it('with unknown fields, which are named, whatever they are called', async () => {
    const error = await refusal(form().join('') + part('__proto__', 'x') + part('Colour', 'red') + END);
    expect(error?.subErrors).toEqual(
      expect.arrayContaining([expect.stringContaining('__proto__'), expect.stringContaining('Colour')]),
    );
  });

  it('with very many fields', async () => {
    const many = Array.from({ length: 40 }, (_, index) => part(`Field${index}`, ''));
    const error = await refusal(form().join('') + many.join('') + END);
    expect(error?.subErrors).toEqual(['there are too many fields']);
  });

  it('in another encoding than UTF-8', async () => {
    const error = await refusal(Buffer.from(form().join('') + part('Note', 'Grüße') + END, 'latin1'));
    expect(error).toMatchObject({ reason: 'malformed_body' });
    expect(error?.message).toContain('Note is not UTF-8');
  });

  it('with parts that have no name, and the process lives on', async () => {
    const nameless = form()
      .join('')
      .replaceAll(/; name="\w+"/g, '');
    const error = await refusal(nameless + END);
    expect(error?.subErrors).toEqual(['a part has no name']);
    // What a listener of the parser throws would reach nobody, and end the process after its answer.
    expect(await send(form().join('') + END)).toMatchObject({ status: 200 });
  });

  test.each<readonly [string, (body: string) => string, string]>([
    ['that does not end', (body) => body.slice(0, -END.length), MULTIPART],
    ['whose boundary is another', (body) => body.replaceAll('--B', '--C'), MULTIPART],
    ['whose type names no boundary', (body) => body, 'multipart/form-data'],
    ['that is empty', () => '', MULTIPART],
  ])('if it is one %s', async (_, spelt, contentType) => {
    const error = await refusal(spelt(form().join('') + END), contentType);
    expect(error?.message).toContain('not valid multipart/form-data');
  });
});
