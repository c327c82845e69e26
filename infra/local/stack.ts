/** The whole system on one machine: the same functions and calls as in AWS, stand-ins behind them. */
import { fileURLToPath } from 'node:url';
import { functions as allFunctions, type FunctionDefinition } from '../functions.ts';
import { userPoolSettings } from '../user-pool-settings.ts';
import { openApiGateway } from './api-gateway.ts';
import { type Endpoints, writeAwsConfig } from './aws-config.ts';
import { startEventBus } from './event-bus.ts';
import type { Deployment } from './function-environment.ts';
import { type Outcome, type RunningFunction, type StartFunction, startFunction } from './functions.ts';
import { startLambdaApi } from './lambda-api.ts';
import { startMailbox } from './mailbox.ts';
import { loadOperator, type Operator } from './operator.ts';
import { messageOf, Problem } from './problem.ts';
import { openStateFolder } from './state-folder.ts';
import { startStreamReader } from './stream.ts';
import type { RetryLimits } from './stream-delivery.ts';
import { openTable, startEngine } from './table.ts';
import { startUserPool } from './user-pool/server.ts';
import { watchSources } from './watch.ts';

export type StackOptions = {
  /** Of the gateway and the API; 0 for any free one. The inbox takes the next one if it is free. */
  readonly port: number;
  readonly stateDir: string;
  /** Deletes what an earlier stack kept in the folder. */
  readonly fresh?: boolean;
  readonly watch?: boolean;
  readonly log?: (line: string) => void;
  readonly region?: string;
  /** What to run instead of the product's functions, and the folder that their entries are relative to. */
  readonly functions?: readonly FunctionDefinition[];
  readonly projectRoot?: string;
  readonly streamRetry?: RetryLimits;
  /** What to start them by, where it is not from their sources. */
  readonly startFunction?: StartFunction;
};

export type Stack = {
  /** The gateway's screens. Without a trailing slash, like all addresses here. */
  readonly url: string;
  readonly apiUrl: string;
  readonly inboxUrl: string;
  readonly stateDir: string;
  readonly tableName: string;
  readonly endpoints: Endpoints;
  /** For AWS_CONFIG_FILE: with it and the operator's credentials, AWS tools reach this stack. */
  readonly configFile: string;
  /** What was put on the event bus, one event a line. */
  readonly eventsFile: string;
  readonly userPool: {
    readonly poolId: string;
    readonly clients: Readonly<Record<'api' | 'gateway', { readonly id: string; readonly secret: string }>>;
  };
  readonly operator: Operator;
  /** Ids of the processes that run beside this one. */
  readonly processIds: () => readonly number[];
  close(): Promise<void>;
};

const DEFAULT_REGION = 'eu-west-1';
/** As CDK names what belongs to a stage. */
const STACK_NAME = 'psa-accounts-local';
const MAIL_FROM = 'no-reply@psa.example';
const MINUTE_MS = 60_000;
const PROJECT_ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Starts everything on 127.0.0.1. Rejects with a `Problem` where a person can put it right; nothing is left running. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const closers: (() => Promise<void> | void)[] = [];
  let closing: Promise<void> | undefined;
  const closeAll = async () => {
    const failures: unknown[] = [];
    for (const close of closers.reverse()) {
      try {
        await close();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'The stack did not stop cleanly');
  };
  try {
    const stack = await start(options, (close) => closers.push(close));
    return { ...stack, close: () => (closing ??= closeAll()) };
  } catch (error) {
    await closeAll().catch(() => undefined);
    throw error;
  }
}

async function start(
  options: StackOptions,
  atEnd: (close: () => Promise<void> | void) => void,
): Promise<Omit<Stack, 'close'>> {
  const { log = () => undefined, region = DEFAULT_REGION, projectRoot = PROJECT_ROOT } = options;
  const definitions = options.functions ?? allFunctions;
  const fresh = options.fresh ?? false;

  const state = await openStateFolder(options.stateDir, { fresh });
  atEnd(() => state.release());
  const gateway = await openApiGateway(options.port);
  atEnd(() => gateway.close());

  const running = new Map<string, RunningFunction>();
  const invoke = async (name: string, event: unknown): Promise<Outcome> =>
    (await running.get(name)?.invoke(event)) ?? {
      ok: false,
      error: 'crashed',
      message: `${name} is not running`,
    };
  const trigger = definitions.find((definition) => definition.trigger.kind === 'pre-token');
  const preTokenTrigger = async (event: unknown): Promise<unknown> => {
    if (trigger === undefined) return event;
    const outcome = await invoke(trigger.name, event);
    if (outcome.ok) return outcome.payload;
    throw new Error(outcome.message);
  };

  /** Closed in the reverse order whichever is up first, even if another one fails meanwhile. */
  const keep = async <T extends { close(): Promise<void> }>(starting: Promise<T>): Promise<T> => {
    atEnd(() =>
      starting.then(
        (started) => started.close(),
        () => undefined,
      ),
    );
    return starting;
  };
  const engineStarting = keep(startEngine(state, log));
  const userPoolStarting = keep(
    startUserPool({
      port: 0,
      stateDir: state.file('user-pool'),
      region,
      settings: userPoolSettings,
      preTokenTrigger,
    }).catch((error: unknown) => {
      throw new Problem(`The user pool does not start: ${messageOf(error)}`);
    }),
  );
  const mailboxStarting = keep(startMailbox(state, options.port === 0 ? 0 : gateway.port + 1, log));
  const tableStarting = engineStarting.then((engine) =>
    openTable(engine, { tableName: STACK_NAME, region, fresh }),
  );
  const [engine, userPool, mailbox, table, operator] = await Promise.all([
    engineStarting,
    userPoolStarting,
    mailboxStarting,
    tableStarting,
    loadOperator(state, region),
  ]);

  const eventsFile = state.file('events.jsonl');
  const [eventBus, lambdaApi] = await Promise.all([
    keep(startEventBus({ name: STACK_NAME, region, file: eventsFile })),
    keep(
      startLambdaApi({
        prefix: `${STACK_NAME}-`,
        names: definitions.map(({ name }) => name),
        operator,
        invoke,
      }),
    ),
  ]);
  const endpoints: Endpoints = {
    dynamodb: engine.url,
    cognito: userPool.url,
    ses: mailbox.url,
    eventbridge: eventBus.url,
    lambda: lambdaApi.url,
  };
  const configFile = await writeAwsConfig(state, region, endpoints);
  const deployment: Deployment = {
    region,
    projectRoot,
    endpoints,
    variables: {
      TABLE_NAME: STACK_NAME,
      USER_POOL_ID: userPool.poolId,
      API_CLIENT_ID: userPool.clients.api.id,
      GATEWAY_CLIENT_ID: userPool.clients.gateway.id,
      TOKEN_ISSUER: userPool.issuer,
      TOKEN_JWKS_URI: userPool.jwksUri,
      MAIL_FROM,
      MAIL_CONFIGURATION_SET: STACK_NAME,
      PUBLIC_URL: gateway.url,
      EVENT_BUS_NAME: STACK_NAME,
    },
  };
  const startOne = options.startFunction ?? startFunction;
  await Promise.all(
    definitions.map(async (definition) => {
      const starting = keep(startOne({ definition, deployment, state, log }));
      running.set(definition.name, await starting);
    }),
  );

  for (const { name, trigger: source } of definitions) {
    if (source.kind !== 'stream') continue;
    const reader = startStreamReader({
      endpoint: engine.external ? (process.env.AWS_ENDPOINT_URL_DYNAMODB_STREAMS ?? engine.url) : engine.url,
      region,
      streamArn: table.streamArn,
      functionName: name,
      filters: source.filters,
      checkpointFile: state.file('stream', `${name}.json`),
      deadLetterFile: state.file('dead-letters', `${name}.jsonl`),
      invoke: (event) => invoke(name, event),
      log,
      ...(options.streamRetry ? { retry: options.streamRetry } : {}),
    });
    atEnd(() => reader.close());
  }
  for (const { name, trigger: source } of definitions) {
    if (source.kind !== 'schedule') continue;
    const timer = setInterval(() => void invoke(name, source.event), source.everyMinutes * MINUTE_MS);
    atEnd(() => clearInterval(timer));
  }
  if (options.watch) {
    const watcher = watchSources(projectRoot, [...running.values()], log);
    atEnd(() => watcher.close());
  }
  // Once more, for what is closed first: no further requests, while those under way still have all they need.
  atEnd(() => gateway.close());
  gateway.serve({ functions: definitions, operator, invoke });
  return {
    url: gateway.url,
    apiUrl: gateway.url,
    inboxUrl: mailbox.url,
    stateDir: state.path,
    tableName: STACK_NAME,
    endpoints,
    configFile,
    eventsFile,
    userPool: { poolId: userPool.poolId, clients: userPool.clients },
    operator,
    processIds: () => state.processes().map(({ pid }) => pid),
  };
}
