import { TOLD_ACTIONS } from '../shared/events.ts';
import { auditRoutes } from '../shared/routes/audit.ts';
import { companyRoutes } from '../shared/routes/company.ts';
import { employeeImportRoutes } from '../shared/routes/employee-import.ts';
import { employeeRoutes } from '../shared/routes/employees.ts';
import { gatewayRoutes } from '../shared/routes/gateway.ts';
import { lookupRoutes } from '../shared/routes/lookups.ts';
import { passwordRoutes } from '../shared/routes/passwords.ts';
import { roleRoutes } from '../shared/routes/roles.ts';
import type { Route } from '../shared/routes/route.ts';
import { systemRoutes } from '../shared/routes/system.ts';
import { tenantRoutes } from '../shared/routes/tenants.ts';
import { tokenRoutes } from '../shared/routes/tokens.ts';

/** Environment variables that functions read; each function is given only those it names. */
export type EnvironmentName =
  | 'TABLE_NAME'
  | 'USER_POOL_ID'
  | 'API_CLIENT_ID'
  | 'GATEWAY_CLIENT_ID'
  /** `iss` of access tokens: `https://cognito-idp.<region>.amazonaws.com/<pool>`. */
  | 'TOKEN_ISSUER'
  | 'TOKEN_JWKS_URI'
  /** Sender of mails, an SES identity. */
  | 'MAIL_FROM'
  /** SES configuration set that sends bounces and complaints back. */
  | 'MAIL_CONFIGURATION_SET'
  /** Where the gateway and the API are reached, without a trailing slash; the host in every mailed link (S4). */
  | 'PUBLIC_URL'
  /** Where events are put (docs/events.md). */
  | 'EVENT_BUS_NAME';

/** A transaction's parts are authorised as the single actions that they stand for. */
type TableAction =
  | 'GetItem'
  | 'BatchGetItem'
  | 'Query'
  | 'PutItem'
  | 'UpdateItem'
  | 'DeleteItem'
  | 'BatchWriteItem'
  | 'ConditionCheckItem';

type UserPoolAction =
  | 'AdminCreateUser'
  | 'AdminSetUserPassword'
  | 'AdminInitiateAuth'
  | 'AdminRespondToAuthChallenge'
  | 'AdminSetUserMFAPreference'
  | 'AdminDisableUser'
  | 'AdminDeleteUser'
  | 'AdminUserGlobalSignOut'
  | 'AdminGetUser'
  | 'ListUsers'
  | 'DescribeUserPoolClient'
  | 'ListUserPoolClients';

type StreamFilter = {
  readonly eventNames: readonly ('INSERT' | 'MODIFY' | 'REMOVE')[];
  /** Equality on string attributes of the new image (of the old one for REMOVE). */
  readonly attributes: Readonly<Record<string, readonly string[]>>;
};

/** Nobody waits for what comes of it: what fails in the end is kept, and is named here. */
type Unattended = { readonly deadLetters: string };
/** Lambda puts the event into a queue of its own first, and tries it again by itself. */
type Asynchronous = Unattended & { readonly retries: 0 | 1 | 2; readonly keptHours: number };

export type Trigger =
  | { readonly kind: 'http'; readonly routes: readonly Route[]; readonly catchAll?: true }
  | ({ readonly kind: 'stream'; readonly filters: readonly StreamFilter[] } & Unattended)
  /** Bounces and complaints, from SES by EventBridge. */
  | ({ readonly kind: 'mail-events' } & Asynchronous)
  /** Started at intervals with the same event; by hand, with another. */
  | ({ readonly kind: 'schedule'; readonly everyMinutes: number; readonly event: object } & Asynchronous)
  | { readonly kind: 'pre-token' };

export type FunctionDefinition = {
  readonly name: string;
  readonly entry: `functions/${string}/handler.ts`;
  readonly purpose: string;
  readonly trigger: Trigger;
  readonly environment: readonly EnvironmentName[];
  readonly table: readonly TableAction[];
  readonly readsIndexes?: true;
  readonly userPool: readonly UserPoolAction[];
  readonly sendsMail?: true;
  readonly publishesEvents?: true;
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
};

const bearerEnvironment = ['TABLE_NAME', 'TOKEN_ISSUER', 'TOKEN_JWKS_URI', 'API_CLIENT_ID'] as const;
const HTTP_TIMEOUT_SECONDS = 29;

/** Every Lambda function of the system. CDK deploys this list; the local stack runs it. */
export const functions: readonly FunctionDefinition[] = [
  {
    name: 'system',
    entry: 'functions/system/handler.ts',
    purpose: 'Health, the OpenAPI document, and the answer to unknown paths',
    trigger: { kind: 'http', routes: systemRoutes, catchAll: true },
    environment: [],
    table: [],
    userPool: [],
    timeoutSeconds: HTTP_TIMEOUT_SECONDS,
    memoryMegabytes: 256,
  },
  {
    name: 'tenants',
    entry: 'functions/tenants/handler.ts',
    purpose: 'Tenants, for operators (IAM)',
    trigger: { kind: 'http', routes: tenantRoutes },
    environment: ['TABLE_NAME'],
    table: ['BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem', 'ConditionCheckItem'],
    readsIndexes: true,
    userPool: [],
    timeoutSeconds: HTTP_TIMEOUT_SECONDS,
    memoryMegabytes: 512,
  },
  {
    name: 'employees',
    entry: 'functions/employees/handler.ts',
    purpose: 'HR > Employees',
    trigger: { kind: 'http', routes: employeeRoutes },
    environment: bearerEnvironment,
    table: ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem', 'ConditionCheckItem'],
    readsIndexes: true,
    userPool: [],
    timeoutSeconds: HTTP_TIMEOUT_SECONDS,
    memoryMegabytes: 512,
  },
  {
    name: 'employee-import',
    entry: 'functions/employee-import/handler.ts',
    purpose: 'Import of employees from CSV',
    trigger: { kind: 'http', routes: employeeImportRoutes },
    environment: bearerEnvironment,
    table: ['GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem'],
    userPool: [],
    timeoutSeconds: HTTP_TIMEOUT_SECONDS,
    memoryMegabytes: 1024,
  },
  {
    name: 'roles',
    entry: 'functions/roles/handler.ts',
    purpose: 'Admin > Security > Roles',
    trigger: { kind: 'http', routes: roleRoutes },
    environment: bearerEnvironment,
    table: ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'],
    userPool: [],
    timeoutSeconds: HTTP_TIMEOUT_SECONDS,
    memoryMegabytes: 512,
  },
  {
    name: 'lookups',
    entry: 'functions/lookups/handler.ts',
    purpose: 'The pickers of PSA V2: employees, assignees, departments, job titles',
    trigger: { kind: 'http', routes: lookupRoutes },
    environment: bearerEnvironment,
    table: ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem'],
    readsIndexes: true,
    userPool: [],
    timeoutSeconds: HTTP_TIMEOUT_SECONDS,
    memoryMegabytes: 512,
  },
  {
    name: 'company',
    entry: 'functions/company/handler.ts',
    purpose: 'Admin > My Company',
    trigger: { kind: 'http', routes: companyRoutes },
    environment: bearerEnvironment,
    table: ['GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem'],
    userPool: [],
    timeoutSeconds: HTTP_TIMEOUT_SECONDS,
    memoryMegabytes: 512,
  },
  {
    name: 'audit',
    entry: 'functions/audit/handler.ts',
    purpose: 'Admin > Security > Audit log, its export, and what it says of one employee',
    trigger: { kind: 'http', routes: auditRoutes },
    environment: bearerEnvironment,
    table: ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem'],
    readsIndexes: true,
    userPool: [],
    timeoutSeconds: HTTP_TIMEOUT_SECONDS,
    memoryMegabytes: 512,
  },
  {
    name: 'tokens',
    entry: 'functions/tokens/handler.ts',
    purpose: 'Tokens: OAuth 2.0 and PSA V2 sign-in, refresh, revocation, introspection, userinfo',
    trigger: { kind: 'http', routes: tokenRoutes },
    environment: [...bearerEnvironment, 'USER_POOL_ID', 'PUBLIC_URL'],
    table: ['GetItem', 'BatchGetItem', 'UpdateItem', 'BatchWriteItem', 'PutItem'],
    userPool: ['AdminInitiateAuth', 'AdminRespondToAuthChallenge', 'DescribeUserPoolClient'],
    timeoutSeconds: HTTP_TIMEOUT_SECONDS,
    memoryMegabytes: 512,
  },
  {
    name: 'passwords',
    entry: 'functions/passwords/handler.ts',
    purpose: 'Passwords and second factors by hand of an admin; the screens to reset and create a password',
    trigger: { kind: 'http', routes: passwordRoutes },
    environment: [...bearerEnvironment, 'USER_POOL_ID', 'PUBLIC_URL'],
    table: ['GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem', 'DeleteItem'],
    userPool: ['AdminCreateUser', 'AdminSetUserPassword', 'AdminSetUserMFAPreference'],
    timeoutSeconds: HTTP_TIMEOUT_SECONDS,
    memoryMegabytes: 512,
  },
  {
    name: 'gateway',
    entry: 'functions/gateway/handler.ts',
    purpose: 'The gateway for people: sign-in, second factor, sessions, the account pages',
    trigger: { kind: 'http', routes: gatewayRoutes },
    environment: ['TABLE_NAME', 'USER_POOL_ID', 'API_CLIENT_ID', 'GATEWAY_CLIENT_ID', 'PUBLIC_URL'],
    table: [
      'GetItem',
      'BatchGetItem',
      'BatchWriteItem',
      'Query',
      'PutItem',
      'UpdateItem',
      'DeleteItem',
      'ConditionCheckItem',
    ],
    readsIndexes: true,
    userPool: [
      'AdminInitiateAuth',
      'AdminRespondToAuthChallenge',
      'AdminSetUserMFAPreference',
      'AdminSetUserPassword',
      'DescribeUserPoolClient',
    ],
    timeoutSeconds: HTTP_TIMEOUT_SECONDS,
    memoryMegabytes: 512,
  },
  {
    name: 'after-commit',
    entry: 'functions/after-commit/handler.ts',
    purpose:
      'Mails: set-up, reset, password changed, account notices, failed sign-ins; reset secrets are born here. Networks that a sign-in name proved are forgotten with it',
    trigger: {
      kind: 'stream',
      filters: [
        {
          eventNames: ['INSERT', 'MODIFY'],
          attributes: { type: ['reset', 'notice', 'guess-notice'], outbox: ['pending'] },
        },
        { eventNames: ['REMOVE'], attributes: { type: ['login'] } },
      ],
      deadLetters:
        'mails that could not be sent, or sign-in names that went and whose networks were not forgotten',
    },
    environment: ['TABLE_NAME', 'MAIL_FROM', 'MAIL_CONFIGURATION_SET', 'PUBLIC_URL'],
    table: ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'],
    userPool: [],
    sendsMail: true,
    timeoutSeconds: 60,
    memoryMegabytes: 512,
  },
  {
    name: 'mail-feedback',
    entry: 'functions/mail-feedback/handler.ts',
    purpose: 'Marks mail addresses that bounce, or whose owners complain',
    // Both figures are Lambda's most: a bounce comes once only.
    trigger: {
      kind: 'mail-events',
      retries: 2,
      keptHours: 6,
      deadLetters: 'bounces and complaints that were not noted',
    },
    environment: ['TABLE_NAME'],
    table: ['GetItem', 'PutItem', 'UpdateItem'],
    userPool: [],
    timeoutSeconds: 30,
    memoryMegabytes: 256,
  },
  {
    name: 'fan-out',
    entry: 'functions/fan-out/handler.ts',
    purpose:
      'Events for the event bus; Cognito users of replaced passwords are disabled, and deleted in time',
    trigger: {
      kind: 'stream',
      filters: [
        { eventNames: ['INSERT', 'MODIFY', 'REMOVE'], attributes: { type: ['retired-credential'] } },
        {
          eventNames: ['INSERT'],
          attributes: { type: ['audit'], outcome: ['done'], action: TOLD_ACTIONS },
        },
        { eventNames: ['INSERT'], attributes: { type: ['guess-notice'], outbox: ['pending'] } },
      ],
      deadLetters: 'events that were not told, or replaced passwords whose Cognito user is still enabled',
    },
    environment: ['USER_POOL_ID', 'EVENT_BUS_NAME'],
    table: [],
    userPool: ['AdminDisableUser', 'AdminDeleteUser'],
    publishesEvents: true,
    timeoutSeconds: 60,
    memoryMegabytes: 256,
  },
  {
    name: 'reconcile',
    entry: 'functions/reconcile/handler.ts',
    purpose: 'Compares the table with the user pool; finds and repairs what a crash left behind',
    // Not tried again: the next run does the work of one that failed, and a second quarter of an hour fails alike.
    trigger: {
      kind: 'schedule',
      everyMinutes: 24 * 60,
      event: { repair: true, resume: true },
      retries: 0,
      keptHours: 1,
      deadLetters: 'daily comparisons of table and user pool that were not made',
    },
    environment: ['TABLE_NAME', 'USER_POOL_ID'],
    table: ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem', 'ConditionCheckItem'],
    readsIndexes: true,
    userPool: ['ListUsers', 'AdminGetUser'],
    timeoutSeconds: 900,
    memoryMegabytes: 512,
  },
  {
    name: 'wake-mails',
    entry: 'functions/wake-mails/handler.ts',
    purpose: 'Puts mails that were given up into the stream once more',
    // Not tried again: the next run is soon.
    trigger: {
      kind: 'schedule',
      everyMinutes: 15,
      event: {},
      retries: 0,
      keptHours: 1,
      deadLetters: 'runs that did not look after the mails that were given up; the next one did',
    },
    environment: ['TABLE_NAME'],
    table: ['Query', 'UpdateItem'],
    readsIndexes: true,
    userPool: [],
    timeoutSeconds: 300,
    memoryMegabytes: 256,
  },
  {
    name: 'token-claims',
    entry: 'functions/token-claims/handler.ts',
    purpose:
      'Cognito pre-token trigger: adds tenant and employee, takes the self-service scope off API tokens',
    trigger: { kind: 'pre-token' },
    environment: [],
    table: [],
    userPool: ['ListUserPoolClients'],
    timeoutSeconds: 5,
    memoryMegabytes: 256,
  },
];
