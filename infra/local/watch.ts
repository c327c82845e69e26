/** Reloads functions when their sources change. */
import { existsSync, type FSWatcher, watch } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import type { RunningFunction } from './functions.ts';
import { messageOf } from './problem.ts';

/** Editors write a file in several steps. */
const SETTLE_MS = 150;

export function watchSources(
  projectRoot: string,
  functions: readonly RunningFunction[],
  log: (line: string) => void,
): { close(): void } {
  const due = new Set<RunningFunction>();
  let timer: NodeJS.Timeout | undefined;
  const reload = () => {
    const reloading = [...due];
    due.clear();
    for (const running of reloading) {
      const { name } = running.definition;
      running.reload().then(
        () => log(`${name} runs its new source`),
        (error: unknown) => log(`${name} keeps its old source: ${messageOf(error)}`),
      );
    }
  };
  const changed = (file: string) => {
    if (!/\.(ts|json)$/.test(file)) return;
    for (const running of functions) {
      const folder = dirname(running.definition.entry) + sep;
      if (file.startsWith(folder) || file.startsWith(`shared${sep}`)) due.add(running);
    }
    if (file.startsWith(join('shared', 'routes') + sep)) {
      log(
        'The route table changed: the paths that are routed stay those of the start until you start again.',
      );
    }
    clearTimeout(timer);
    timer = setTimeout(reload, SETTLE_MS);
  };
  const watchers: FSWatcher[] = ['functions', 'shared']
    .filter((folder) => existsSync(join(projectRoot, folder)))
    .map((folder) =>
      watch(join(projectRoot, folder), { recursive: true }, (_event, name) => {
        if (name !== null) changed(join(folder, name));
      }),
    );
  return {
    close() {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
    },
  };
}
