/** What the fuzz sends: requests to the token endpoints with something wrong in each. */
import fc from 'fast-check';

export type FuzzRequest = {
  readonly routeKey: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly query: string;
  readonly body: Buffer;
  /** Strings that no reply and no log line may hold. */
  readonly secrets: readonly string[];
};

/** What is right, so that inputs can be near it; none of them is sent with all of it. */
export type Truth = {
  readonly company: string;
  readonly userName: string;
  readonly password: string;
  readonly accessToken: string;
  readonly refreshToken: string;
};

const ROUTES = [
  'POST /oauth2/token',
  'POST /oauth2/revoke',
  'POST /oauth2/introspect',
  'POST /v2/security/authenticate',
  'POST /v2/security/refreshtoken',
  'POST /api/token',
  'GET /v2/security/userinfo',
  'GET /v2/security/ssostatus',
  'GET /.well-known/oauth-authorization-server',
] as const;

const NAMES = [
  'grant_type',
  'GrantType',
  'client_id',
  'client_secret',
  'scope',
  'username',
  'UserName',
  'password',
  'Password',
  'tenant',
  'Tenant',
  'MFACode',
  'refresh_token',
  'RefreshToken',
  'AccessToken',
  'token',
  'token_type_hint',
  '__proto__',
  'constructor',
] as const;
const SECRET_NAMES = /secret|password|token$/i;

const text = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('', ' ', '\0', '\u202e', '%', '%5c', '\\', ':', '\\\\', '\ud800', '💥', 'ſ', '=', '&', ';'),
);

/** A change that always makes another string of it. */
const spoil = (right: string) =>
  fc.oneof(
    fc.nat({ max: right.length - 1 }).map((at) => right.slice(0, at) + right.slice(at + 1)),
    fc.nat({ max: right.length - 1 }).map((at) => {
      const other = right[at] === 'x' ? 'y' : 'x';
      return right.slice(0, at) + other + right.slice(at + 1);
    }),
    fc.nat({ max: right.length }).map((at) => `${right.slice(0, at)}Q${right.slice(at)}`),
    fc.constantFrom(
      right.toUpperCase(),
      ` ${right}`,
      `${right} `,
      `${right}\0`,
      right + right,
      right.slice(0, 8),
    ),
    text.map((tail) => `canary-${tail}-${right.length}`),
  );

const company = (truth: Truth) =>
  fc.oneof(fc.constantFrom(truth.company, truth.company.toUpperCase(), 'no-such-company'), text);
const userName = (truth: Truth) =>
  fc.oneof(fc.constantFrom(truth.userName, truth.userName.toUpperCase(), 'nobody'), text);

const valueFor = (truth: Truth, name: string): fc.Arbitrary<string> => {
  if (/grant_?type/i.test(name)) {
    return fc.oneof(
      fc.constantFrom('client_credentials', 'refresh_token', 'password', 'authorization_code'),
      text,
    );
  }
  if (/password|client_secret/i.test(name)) return spoil(truth.password);
  if (/^access_?token$/i.test(name))
    return fc.oneof(fc.constant(truth.accessToken), spoil(truth.accessToken));
  if (/refresh|^token$/i.test(name)) return fc.oneof(spoil(truth.refreshToken), spoil(truth.accessToken));
  if (/client_id/i.test(name)) {
    return fc.tuple(company(truth), userName(truth)).map(([left, right]) => `${left}\\${right}`);
  }
  if (/tenant/i.test(name)) return company(truth);
  if (/username/i.test(name)) return userName(truth);
  return text;
};

type Field = { readonly name: string; readonly value: string };
const field = (truth: Truth): fc.Arbitrary<Field> =>
  fc.constantFrom(...NAMES).chain((name) => valueFor(truth, name).map((value) => ({ name, value })));

/** Fields that reach far: all that a route asks for, with the password or the token spoilt. */
const complete = (truth: Truth): fc.Arbitrary<readonly Field[]> =>
  fc
    .constantFrom<readonly (readonly [string, string?])[]>(
      [['grant_type', 'password'], ['username'], ['password'], ['tenant']],
      [['GrantType', 'password'], ['UserName'], ['Password'], ['Tenant']],
      [['grant_type', 'client_credentials'], ['client_id'], ['client_secret']],
      [['grant_type', 'refresh_token'], ['refresh_token']],
      [['AccessToken'], ['RefreshToken']],
      [['token'], ['client_id'], ['client_secret']],
    )
    .chain((wanted) =>
      fc.tuple(
        ...wanted.map(([name, fixed]) =>
          (fixed === undefined ? valueFor(truth, name) : fc.constant(fixed)).map((value) => ({
            name,
            value,
          })),
        ),
      ),
    );

const authorization = (truth: Truth) =>
  fc
    .oneof(
      fc
        .tuple(company(truth), userName(truth), spoil(truth.password), fc.boolean())
        .map(([left, user, password, encoded]) => {
          const pair = encoded
            ? `${encodeURIComponent(`${left}\\${user}`.toWellFormed())}:${encodeURIComponent(password.toWellFormed())}`
            : `${left}\\${user}:${password}`;
          return { value: `Basic ${Buffer.from(pair).toString('base64')}`, secret: password };
        }),
      fc.uint8Array({ maxLength: 60 }).map((bytes) => ({
        value: `Basic ${Buffer.from(bytes).toString('base64')}`,
        secret: '',
      })),
      spoil(truth.accessToken).map((token) => ({ value: `Bearer ${token}`, secret: token })),
      text.map((value) => ({ value, secret: '' })),
    )
    // A header holds neither line breaks nor what is not Latin-1; API Gateway passes none on.
    .map(({ value, secret }) => ({ value: value.replace(/[^\x20-\x7e\xa0-\xff]/g, '?'), secret }));

const BOUNDARY = 'fuzz-boundary';

/** Parts without names, files, other charsets, of a form that may not end. */
const oddParts = fc
  .tuple(
    fc.array(
      fc.subarray([
        'Content-Disposition: form-data',
        'Content-Disposition: form-data; name="UserName"',
        'Content-Disposition: form-data; name=Tenant; filename=x',
        'Content-Type: text/plain; charset=utf-16',
        'Content-Transfer-Encoding: base64',
      ]),
      { maxLength: 4 },
    ),
    fc.constantFrom(`--${BOUNDARY}--\r\n`, `--${BOUNDARY}`, '', '\r\n'),
  )
  .map(
    ([parts, end]) =>
      parts.map((head) => `--${BOUNDARY}\r\n${head.join('\r\n')}\r\n\r\nacme\r\n`).join('') + end,
  );

function encodings(fields: readonly Field[]) {
  const pairs = fields.map(({ name, value }) => [name, value.toWellFormed()] as [string, string]);
  const urlencoded = new URLSearchParams(pairs).toString();
  const multipart = pairs
    .map(
      ([name, value]) =>
        `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    )
    .join('');
  return fc.oneof(
    { weight: 6, arbitrary: fc.constant(['application/x-www-form-urlencoded', urlencoded] as const) },
    {
      weight: 3,
      arbitrary: fc.constant([
        `multipart/form-data; boundary=${BOUNDARY}`,
        `${multipart}--${BOUNDARY}--\r\n`,
      ] as const),
    },
    fc.constant(['application/json', JSON.stringify(Object.fromEntries(pairs))] as const),
    fc.constantFrom(
      ['multipart/form-data', multipart] as const,
      [`multipart/form-data; boundary=${BOUNDARY}`, multipart.slice(0, -20)] as const,
      ['application/x-www-form-urlencoded; charset=utf-16', urlencoded] as const,
      ['application/x-www-form-urlencoded', `${urlencoded}&${urlencoded}`] as const,
      ['application/x-www-form-urlencoded', `${urlencoded}%FF%C0&%`] as const,
      ['', urlencoded] as const,
    ),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => ['application/x-www-form-urlencoded', bytes] as const),
    fc
      .oneof(fc.uint8Array({ maxLength: 200 }), oddParts)
      .map((bytes) => [`multipart/form-data; boundary=${BOUNDARY}`, bytes] as const),
  );
}

const SHORTEST_SECRET = 12;

export function fuzzRequest(truth: Truth): fc.Arbitrary<FuzzRequest> {
  const fields = fc.oneof(complete(truth), fc.array(field(truth), { maxLength: 6 }));
  return fc
    .tuple(
      fc.constantFrom(...ROUTES),
      fields.chain((chosen) => encodings(chosen).map((encoded) => ({ chosen, encoded }))),
      fc.option(authorization(truth), { freq: 2 }),
      fc.oneof(fc.constant(''), fc.webQueryParameters(), fc.string({ maxLength: 60 })),
    )
    .map(([routeKey, { chosen, encoded }, authorised, query]) => ({
      routeKey,
      query,
      headers: {
        ...(encoded[0] === '' ? {} : { 'content-type': encoded[0] }),
        ...(authorised === null ? {} : { authorization: authorised.value }),
      },
      body: Buffer.from(encoded[1]),
      secrets: [
        ...chosen.filter(({ name }) => SECRET_NAMES.test(name)).map(({ value }) => value),
        ...(authorised === null ? [] : [authorised.secret]),
      ].filter((secret) => secret.length >= SHORTEST_SECRET),
    }));
}
