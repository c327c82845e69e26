/** How one refusal is told: RFC 9110 status, a sentence to act on, the OAuth code (RFC 6749 5.2) it goes by. */
export type RefusalReply = {
  readonly status: number;
  readonly message: string;
  readonly subErrors?: readonly string[];
  readonly retryAfterSeconds?: number;
  readonly oauth: OAuthError;
};

type OAuthError =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'invalid_token'
  | 'insufficient_scope'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'temporarily_unavailable'
  | 'server_error';
