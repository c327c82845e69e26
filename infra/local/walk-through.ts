import { relative } from 'node:path';
import type { Stack } from './stack.ts';

/** A path as it is typed where the command was given. */
function typed(path: string): string {
  const near = relative(process.cwd(), path);
  const short = near.startsWith('..') ? path : near;
  return /[^\w./-]/.test(short) ? `'${short.replaceAll("'", `'\\''`)}'` : short;
}

/** What a newcomer reads: where things are, and each step from nothing to a token of an API Employee. */
export function walkThrough(stack: Stack, startSeconds: string): string {
  const { url, apiUrl, inboxUrl, stateDir, operator } = stack;
  return `
Running, after ${startSeconds} s. Ctrl-C stops it; what it keeps is in ${typed(stateDir)}.

  Gateway  ${url}/
  API      ${apiUrl}   (its description: ${apiUrl}/openapi.json)
  Inbox    ${inboxUrl}/   every mail that is sent ends there
  Logs     ${typed(`${stateDir}/logs`)}

From nothing to an API token, in another terminal:

1. Create a tenant, as its operator:

   AWS_SHARED_CREDENTIALS_FILE=${typed(operator.credentialsFile)} npm run tenant -- create --url ${apiUrl} --region ${operator.region} \\
     --company "Acme MSP" --licences 5 --admin-user-name alice --admin-first-name Alice \\
     --admin-last-name Archer --admin-email alice@acme.example

2. Open the inbox, follow the link in Alice's mail, and pick a password.

3. Get her a token; curl asks for the password:

   TOKEN=$(curl -s -u 'acme-msp\\alice' -d grant_type=client_credentials ${apiUrl}/oauth2/token \\
     | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')

4. Let the role Service Desk Manager use the API (its id is 5; GET /v2/admin/security/roles lists them),
   then create an API Employee with it:

   curl -s -X PATCH ${apiUrl}/v2/admin/security/roles/5 -H "Authorization: Bearer $TOKEN" \\
     -H 'Content-Type: application/json' -d '{"apiAccess":true}'

   curl -s ${apiUrl}/v2/hr/employees -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d '{
     "userName":"billing-bridge","userType":"API Employee","firstName":"Billing","lastName":"Bridge",
     "emailAddress":"bridge@acme.example","securityRoleIds":[5],"sendInstructions":true}'

5. Its mail is in the inbox: follow the link, pick its password, and get its token:

   curl -s -u 'acme-msp\\billing-bridge' -d grant_type=client_credentials ${apiUrl}/oauth2/token
`;
}
