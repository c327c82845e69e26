/** SES with an inbox page. It runs as a process of its own: the package keeps its mail in a module-wide variable. */
import { COMPILE_CACHE, endChild, startChild } from './child.ts';
import type { FromMailbox } from './mailbox-process.ts';
import { Problem } from './problem.ts';
import type { StateFolder } from './state-folder.ts';

export type Mailbox = { readonly url: string; close(): Promise<void> };

/** Takes the port if it is free, else any: a browser's tab with the inbox then outlives a restart. */
export async function startMailbox(
  state: StateFolder,
  preferredPort: number,
  log: (line: string) => void,
): Promise<Mailbox> {
  const child = startChild({
    state,
    what: 'mailbox',
    entry: './mailbox-process.ts',
    args: [String(preferredPort), state.file('mailbox.jsonl')],
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: COMPILE_CACHE },
    log: 'mailbox.log',
  });
  let closing = false;
  const port = await new Promise<number>((resolve, reject) => {
    const fail = (why: string) => reject(new Problem(`The mailbox does not start: ${why}`));
    child.once('message', (message: FromMailbox) => {
      if (message.kind === 'ready') resolve(message.port);
      else fail(message.message);
    });
    child.once('exit', () => fail(`see ${state.file('logs', 'mailbox.log')}.`));
  });
  child.once('exit', () => {
    if (!closing) log('The mailbox ended: stop the stack and start it again.');
  });
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      closing = true;
      await endChild(child);
    },
  };
}
