import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { aliasesOf, bundleSettings, PROJECT_ROOT } from '../../infra/bundle/bundle.ts';
import { functions } from '../../infra/functions.ts';
import { installRivals, RIVALS } from './rivals.ts';

type BundleOptions = {
  /** Relative to the project. */
  readonly entry: string;
  /** Without them the default chain of credential providers is in it. */
  readonly aliases: boolean;
  /** Leaves out what the function asks of AWS before its first call. */
  readonly withoutInitCalls?: boolean;
};

/** Builds as for the deployment, and answers the path of the bundle. */
export async function benchBundle(folder: string, name: string, options: BundleOptions): Promise<string> {
  const outfile = join(folder, `${name}.mjs`);
  const definition = functions.find((candidate) => candidate.name === 'tokens');
  if (definition === undefined) throw new Error('There is no function tokens');
  await build({
    ...bundleSettings,
    mainFields: [...bundleSettings.mainFields],
    banner: { js: bundleSettings.banner },
    entryPoints: [join(PROJECT_ROOT, options.entry)],
    absWorkingDir: PROJECT_ROOT,
    outfile,
    bundle: true,
    minify: true,
    logLevel: 'silent',
    alias: options.aliases ? { ...aliasesOf(definition) } : {},
    plugins: options.withoutInitCalls ? [noWarmUp] : [],
  });
  return outfile;
}

/** What starts each bundle, without its types: to strip them takes longer than some of what is measured. */
export async function benchStarter(folder: string): Promise<string> {
  const outfile = join(folder, 'starter.mjs');
  await build({
    entryPoints: [join(PROJECT_ROOT, 'test/bench/cold-process.ts')],
    outfile,
    format: 'esm',
    platform: 'node',
    logLevel: 'silent',
  });
  return outfile;
}

/** Asked for by Nest where they are installed. */
const OPTIONAL = ['@nestjs/websockets', '@nestjs/microservices', 'class-transformer', 'class-validator'];

/** The same token request in a framework: each as its documentation has it, bundled like ours. */
export async function rivalBundle(folder: string, name: 'express' | 'nest'): Promise<string> {
  installRivals();
  const outfile = join(folder, `${name}.mjs`);
  await build({
    ...bundleSettings,
    mainFields: [...bundleSettings.mainFields],
    banner: { js: bundleSettings.banner },
    entryPoints: [join(RIVALS, `${name}.js`)],
    absWorkingDir: PROJECT_ROOT,
    outfile,
    bundle: true,
    minify: true,
    // Nest finds its providers by the names of their classes.
    keepNames: true,
    logLevel: 'silent',
    external: OPTIONAL.flatMap((one) => [one, `${one}/*`]),
  });
  return outfile;
}

const WARM_UP = 'await work();';

const noWarmUp: Plugin = {
  name: 'no-warm-up',
  setup(builder) {
    builder.onLoad({ filter: /shared\/http\/bearer-function\.ts$/ }, async ({ path }) => {
      const { readFile } = await import('node:fs/promises');
      const source = await readFile(path, 'utf8');
      if (!source.includes(WARM_UP)) throw new Error(`${path} no longer holds "${WARM_UP}"`);
      return { contents: source.replace(WARM_UP, 'void work;'), loader: 'ts' };
    });
  },
};
