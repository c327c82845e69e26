/** How far a function has got in the stream, kept across restarts and kills. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { errorCode } from './problem.ts';

/** Position in each shard. Of a finished shard too, lest it be read again while the stream still lists it. */
export type Positions = Record<string, { readonly after: string; readonly finished?: true }>;

type Kept = { readonly streamArn: string; readonly shards: Positions };

export function openCheckpoint(file: string, streamArn: string) {
  const shards = read(file, streamArn);
  return {
    shards: shards as Readonly<Positions>,
    save(shardId: string, position: Positions[string]): void {
      shards[shardId] = position;
      writeFileSync(`${file}.new`, JSON.stringify({ streamArn, shards } satisfies Kept));
      renameSync(`${file}.new`, file);
    },
    /** Shards that the stream no longer lists. */
    forget(listed: ReadonlySet<string>): void {
      for (const shardId of Object.keys(shards)) if (!listed.has(shardId)) delete shards[shardId];
    },
  };
}

function read(file: string, streamArn: string): Positions {
  try {
    const kept = JSON.parse(readFileSync(file, 'utf8')) as Kept;
    return kept.streamArn === streamArn ? { ...kept.shards } : {};
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return {};
    throw error;
  }
}
