/**
 * Claims of ours in a refreshed access token: `origin_jti` and `auth_time` (seconds since 1970) of the sign-in that it
 * comes of. AWS does not say whether Cognito's own outlast a rotation, and what ends a sign-in must reach all of it (M18).
 */
export type SignInClaims = { readonly sign_in_id: string; readonly signed_in_at: string };
