/**
 * What keeps the stack, or a command, from doing its work: one sentence for the person at the terminal that says
 * what to do. It is printed as it stands, without a stack trace.
 */
export class Problem extends Error {
  override readonly name = 'Problem';
}

export const errorCode = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
