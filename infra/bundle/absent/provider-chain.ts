/**
 * Stands in bundles for @aws-sdk/credential-provider-node: every client is given `environmentCredentials`, and the
 * chain behind that default (SSO, ini files, processes, instance metadata) is a third of a bundle.
 */
export function defaultProvider(): () => Promise<never> {
  return async () => {
    throw new Error('A client was made without credentials: give it environmentCredentials');
  };
}
