import { fileURLToPath } from 'node:url';
import type { FunctionDefinition } from '../functions.ts';

export const PROJECT_ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A package, and what stands for it in a bundle: each throws when it is used after all. */
type Aliases = Readonly<Record<string, string>>;

const absent = (name: string) => fileURLToPath(new URL(`absent/${name}.ts`, import.meta.url));

/** How every bundle is made, in esbuild's words: the CDK, the tests and the benchmark all take it from here. */
export const bundleSettings = {
  format: 'esm',
  platform: 'node',
  target: 'node24',
  // Node has them. esbuild, which knows not all by name, would make each expression at start-up, used or not.
  supported: { 'regexp-unicode-property-escapes': true },
  // esbuild's default prefers CommonJS builds, which call require() and crash at import in an ES module.
  mainFields: ['module', 'main'],
  // Packages that exist as CommonJS only call require() for Node's own modules; an ES module has none.
  banner:
    "import{createRequire as psaCreateRequire}from'node:module';const require=psaCreateRequire(import.meta.url);",
} as const;

/** What a function never uses is left out of its bundle: it costs start-up time at each cold start (P1, P4). */
export function aliasesOf({ trigger }: FunctionDefinition): Aliases {
  const takesMultipart =
    trigger.kind === 'http' &&
    trigger.routes.some(({ body }) => body?.encodings.includes('multipart') ?? false);
  return {
    '@aws-sdk/credential-provider-node': absent('provider-chain'),
    '@smithy/core/event-streams': absent('event-streams'),
    ...(takesMultipart ? {} : { '@fastify/busboy': absent('multipart') }),
  };
}
