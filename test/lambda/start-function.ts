import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { FunctionDefinition } from '../../infra/functions.ts';
import { functionEnvironment } from '../../infra/local/function-environment.ts';
import type { RunningFunction, StartFunction } from '../../infra/local/functions.ts';
import { startRuntimeApi } from './runtime-api.ts';

const RUNTIME_CLIENT = join(import.meta.dirname, 'node_modules/aws-lambda-ric/index.mjs');

/**
 * Runs the uploaded code of each function under AWS's own runtime client, as Lambda does on Node 24.
 *
 * @param codeFolders where the CDK put what it would upload, by function name.
 * @param say told, when a function ends, what it did.
 */
export function underRuntimeClient(
  codeFolders: ReadonlyMap<string, string>,
  say: (line: string) => void,
): StartFunction {
  return async ({ definition, deployment, state }) => {
    const { name, timeoutSeconds } = definition;
    const code = codeFolders.get(name);
    if (code === undefined) throw new Error(`Nothing was synthesized for ${name}`);
    const api = await startRuntimeApi(name);
    const log = openSync(state.file('logs', `${name}.log`), 'a', 0o600);
    const child = spawn(process.execPath, [RUNTIME_CLIENT], {
      cwd: code,
      stdio: ['ignore', log, log],
      env: {
        ...functionEnvironment(definition, deployment),
        AWS_LAMBDA_RUNTIME_API: api.address,
        LAMBDA_TASK_ROOT: code,
        _HANDLER: 'index.handler',
      },
    });
    closeSync(log);
    state.started(child.pid, `function ${name}`);
    const ended = once(child, 'exit').then(([exitCode]) => {
      state.ended(child.pid);
      throw new Error(
        `${name} ended with ${String(exitCode)}; its log: ${state.file('logs', `${name}.log`)}`,
      );
    });
    ended.catch(() => undefined);
    await Promise.race([api.ready, ended]);
    const running: RunningFunction = {
      definition,
      invoke: (event) => api.invoke(event, timeoutSeconds),
      reload: () => Promise.reject(new Error('What was synthesized does not change')),
      close: async () => {
        say(`lambda: ${name} answered ${api.answered()} invocations`);
        child.kill('SIGKILL');
        await ended.catch(() => undefined);
        await api.close();
      },
    };
    await probe(definition, running);
    return running;
  };
}

/** One call of every function, whether or not the story has one for it. */
async function probe({ name, trigger }: FunctionDefinition, running: RunningFunction): Promise<void> {
  const event = {
    http: {
      version: '2.0',
      routeKey: '$default',
      rawPath: '/nowhere',
      headers: {},
      requestContext: {
        requestId: 'probe',
        http: { method: 'GET', path: '/nowhere', sourceIp: '192.0.2.1', userAgent: 'probe' },
      },
    },
    stream: { Records: [] },
    'mail-events': { detail: { eventType: 'Delivery', mail: { destination: [], tags: {} } } },
    schedule: { repair: false },
    'pre-token': { userName: 'not one of ours', callerContext: {}, request: {}, response: {} },
  }[trigger.kind];
  const outcome = await running.invoke(event);
  const expected = {
    http: outcome.ok && (outcome.payload as { statusCode?: number } | null)?.statusCode === 404,
    stream: outcome.ok && JSON.stringify(outcome.payload) === '{"batchItemFailures":[]}',
    'mail-events': outcome.ok,
    schedule: outcome.ok,
    'pre-token': !outcome.ok && outcome.error === 'thrown',
  }[trigger.kind];
  if (!expected) throw new Error(`${name} answered its first call with ${JSON.stringify(outcome)}`);
}
