import type { PreTokenGenerationV2TriggerEvent } from 'aws-lambda';
import { isApiGeneration, parseCognitoUser } from '../../shared/identity/cognito-user.ts';
import type { SignInClaims } from '../../shared/identity/sign-in-claims.ts';
import { errorFields, logError } from '../../shared/log.ts';
import type { FindGatewayClient } from './gateway-client.ts';

/** With it the holder of a token could edit or delete its own user, and change its password (M6, M8). */
const SELF_SERVICE_SCOPE = 'aws.cognito.signin.user.admin';

/**
 * Cognito's pre-token trigger, event version 2. To the access token it adds the tenant and the employee, both
 * read from the user name, so that no claim can outlive what it says; and at a refresh, of which sign-in it is, as told
 * by who holds the client's secret. Every throw, whatever its cause, means that
 * no token is issued. Cognito tells the trigger of the client, never which function asked.
 */
export function tokenClaims(findGatewayClient: FindGatewayClient) {
  return async (event: PreTokenGenerationV2TriggerEvent): Promise<PreTokenGenerationV2TriggerEvent> => {
    try {
      const user = parseCognitoUser(event.userName);
      if (user === undefined) throw new Error('The user name is not one of this system');
      const atGateway = event.callerContext.clientId === (await findGatewayClient(event.userPoolId));
      // M7, once more: the gateway's client is for people.
      if (atGateway && isApiGeneration(user.generation)) throw new Error('Not for API employees');
      event.response = {
        claimsAndScopeOverrideDetails: {
          accessTokenGeneration: {
            claimsToAddOrOverride: {
              tenant: user.tenant,
              employee_id: String(user.employeeId),
              ...signInOf(event),
            },
            scopesToSuppress: atGateway ? [] : [SELF_SERVICE_SCOPE],
          },
        },
      };
      return event;
    } catch (error) {
      logError('trigger_refused', errorFields(error));
      throw error;
    }
  };
}

/** Cognito hands the trigger what GetTokensFromRefreshToken was called with, and nothing of AdminInitiateAuth. */
function signInOf({ request }: PreTokenGenerationV2TriggerEvent): Partial<SignInClaims> {
  const { sign_in_id, signed_in_at } = request.clientMetadata ?? {};
  return sign_in_id && signed_in_at ? { sign_in_id, signed_in_at } : {};
}
