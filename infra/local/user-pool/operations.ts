import * as admin from './admin-users.ts';
import * as appClients from './app-clients.ts';
import * as closed from './closed-doors.ts';
import type { Input } from './input.ts';
import { listUsers } from './list-users.ts';
import type { Pool } from './pool.ts';
import * as refresh from './refresh.ts';
import * as self from './self-service.ts';
import * as signIn from './sign-in.ts';

type Operation = {
  /**
   * `aws-credentials`: IAM authorises it, so the request must be signed. `open`: what authorises it, if anything, is
   * in the body, a token or a client secret.
   * https://docs.aws.amazon.com/cognito/latest/developerguide/authentication-flows-public-server-side.html
   */
  readonly callers: 'aws-credentials' | 'open';
  readonly run: (pool: Pool, input: Input) => Promise<object>;
};

const signed = (run: Operation['run']): Operation => ({ callers: 'aws-credentials', run });
const open = (run: Operation['run']): Operation => ({ callers: 'open', run });

/** Every operation that is answered; any other is refused by name. */
export const operations: ReadonlyMap<string, Operation> = new Map(
  Object.entries({
    AdminCreateUser: signed(admin.adminCreateUser),
    AdminDeleteUser: signed(admin.adminDeleteUser),
    AdminDisableUser: signed(admin.adminDisableUser),
    AdminEnableUser: signed(admin.adminEnableUser),
    AdminGetUser: signed(admin.adminGetUser),
    AdminInitiateAuth: signed(signIn.adminInitiateAuth),
    AdminRespondToAuthChallenge: signed(signIn.adminRespondToAuthChallenge),
    AdminSetUserMFAPreference: signed(admin.adminSetUserMfaPreference),
    AdminSetUserPassword: signed(admin.adminSetUserPassword),
    AdminUserGlobalSignOut: signed(admin.adminUserGlobalSignOut),
    DescribeUserPoolClient: signed(appClients.describeUserPoolClient),
    ListUserPoolClients: signed(appClients.listUserPoolClients),
    ListUsers: signed(listUsers),

    GetTokensFromRefreshToken: open(refresh.getTokensFromRefreshToken),
    RevokeToken: open(refresh.revokeToken),

    AssociateSoftwareToken: open(self.associateSoftwareToken),
    ChangePassword: open(self.changePassword),
    DeleteUser: open(self.deleteUser),
    GetUser: open(self.getUser),
    GlobalSignOut: open(self.globalSignOut),
    SetUserMFAPreference: open(self.setUserMfaPreference),
    UpdateUserAttributes: open(self.updateUserAttributes),
    VerifySoftwareToken: open(self.verifySoftwareToken),

    ConfirmForgotPassword: open(closed.refuseConfirmationCode),
    ConfirmSignUp: open(closed.refuseConfirmationCode),
    ForgotPassword: open(closed.forgotPassword),
    InitiateAuth: open(closed.initiateAuth),
    ResendConfirmationCode: open(closed.resendConfirmationCode),
    RespondToAuthChallenge: open(closed.respondToAuthChallenge),
    SignUp: open(closed.signUp),
  }),
);
