import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const RIVALS = fileURLToPath(new URL('rivals', import.meta.url));

/** What we compare with is no dependency of the product: it is installed on first use, and when the list changed. */
export function installRivals(): void {
  const installed = statSync(join(RIVALS, 'node_modules/.package-lock.json'), { throwIfNoEntry: false });
  if (installed && installed.mtimeMs >= statSync(join(RIVALS, 'package-lock.json')).mtimeMs) return;
  const { status, stderr } = spawnSync('npm', ['ci', '--prefix', RIVALS], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`The frameworks to compare with cannot be installed: ${stderr}`);
}
