/** A token request, as API Gateway hands it over. */
export const TOKEN_EVENT = {
  version: '2.0',
  routeKey: 'POST /oauth2/token',
  rawPath: '/oauth2/token',
  rawQueryString: '',
  headers: {
    authorization: `Basic ${Buffer.from('acme\\bot:seventeen quiet lanterns').toString('base64')}`,
    'content-type': 'application/x-www-form-urlencoded',
  },
  requestContext: {
    http: { method: 'POST', path: '/oauth2/token', sourceIp: '192.0.2.1', userAgent: 'bench' },
    requestId: 'bench',
    routeKey: 'POST /oauth2/token',
  },
  body: 'grant_type=client_credentials',
  isBase64Encoded: false,
};
