import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The stat fields of Linux that follow the command's name; `starttime` is field 22, the state field 3. */
const START_TIME = 22 - 3;
const STATE = 0;

/**
 * What tells one process from a later one with the same id: when it started, and in which boot. Undefined when no
 * such process runs. Ids come round again quickly in containers, so an id alone proves nothing.
 */
export function processIdentity(pid: number): string | undefined {
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  if (process.platform !== 'linux') {
    const answer = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' });
    return answer.stdout?.trim() || undefined;
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name stands in brackets and may itself hold brackets and spaces.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[STATE] === 'Z' || fields[STATE] === 'X') return undefined;
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot}/${fields[START_TIME]}`;
  } catch {
    return undefined;
  }
}

export type ProcessRecord = { readonly pid: number; readonly identity: string; readonly what: string };

export function isRunning({ pid, identity }: Pick<ProcessRecord, 'pid' | 'identity'>): boolean {
  return processIdentity(pid) === identity;
}
