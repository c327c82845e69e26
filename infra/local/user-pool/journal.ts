/**
 * An append-only file of JSON lines: a change costs one small append, and a process killed at any moment loses
 * nothing that was answered. (Against a power cut only the operating system's own flushing protects; this is a
 * development stand-in.)
 */
import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';

export type Journal = { append(record: object): void; close(): void };

const HEADER = { type: 'journal', version: 1 } as const;
const OWNER_ONLY = 0o600;

/** The records of the file, oldest first; none when there is no file. A torn last line is dropped. */
export async function readJournal(file: string): Promise<unknown[]> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const lines = text.split('\n');
  // What follows the last line feed was never completed, so its change was never answered.
  lines.pop();
  const [header, ...records] = lines.map((line, index): unknown => {
    try {
      return JSON.parse(line);
    } catch (error) {
      throw new Error(`${file} is damaged at line ${index + 1}; move it away to start afresh.`, {
        cause: error,
      });
    }
  });
  if (lines.length > 0 && JSON.stringify(header) !== JSON.stringify(HEADER)) {
    throw new Error(`${file} is not a version ${HEADER.version} journal; move it away to start afresh.`);
  }
  return records;
}

/** Replaces the file by the given records (its compacted state) and opens it for appending. */
export async function startJournal(file: string, records: readonly object[]): Promise<Journal> {
  const text = [HEADER, ...records].map((record) => `${JSON.stringify(record)}\n`).join('');
  const draft = `${file}.new`;
  await writeFile(draft, text, { mode: OWNER_ONLY, flush: true });
  await rename(draft, file);

  const descriptor = openSync(file, 'a', OWNER_ONLY);
  let size = Buffer.byteLength(text);
  let open = true;
  return {
    append(record) {
      // A request that outlived the pool: the descriptor may be another file's by now.
      if (!open) throw new Error(`${file} is closed`);
      const line = Buffer.from(`${JSON.stringify(record)}\n`);
      try {
        for (let written = 0; written < line.length; ) written += writeSync(descriptor, line, written);
        size += line.length;
      } catch (error) {
        // A full disk may take half a line; the next append must not be glued to it.
        ftruncateSync(descriptor, size);
        throw error;
      }
    },
    close() {
      if (open) closeSync(descriptor);
      open = false;
    },
  };
}
