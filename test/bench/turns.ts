/** What is measured takes turns, so that a busy machine slows all of it alike; medians are compared. */
export type Row<Result> = {
  readonly name: string;
  readonly results: Result[];
  readonly run: () => Promise<Result>;
};

export function row<Result>(name: string, run: () => Promise<Result>): Row<Result> {
  return { name, results: [], run };
}

export async function takeTurns<Result>(
  rows: readonly Row<Result>[],
  rounds: number,
  say: (round: number) => void,
): Promise<void> {
  for (let round = 1; round <= rounds; round += 1) {
    for (const { results, run } of rows) results.push(await run());
    say(round);
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}

/** A row of a table in Markdown. */
export const line = (...cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
