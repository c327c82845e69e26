import { type BuildResult, build } from 'esbuild';
import { aliasesOf, bundleSettings, PROJECT_ROOT } from '../../infra/bundle/bundle.ts';
import type { FunctionDefinition } from '../../infra/functions.ts';

type Built = BuildResult<{ metafile: true; write: false }>;

/** The bundle of a function as the CDK makes it; not minified, names and the files they come from can be read. */
export function bundle(
  definition: Pick<FunctionDefinition, 'entry' | 'trigger'>,
  { minify, aliases = true }: { readonly minify: boolean; readonly aliases?: boolean },
): Promise<Built> {
  return build({
    ...bundleSettings,
    mainFields: [...bundleSettings.mainFields],
    banner: { js: bundleSettings.banner },
    entryPoints: [`${PROJECT_ROOT}${definition.entry}`],
    absWorkingDir: PROJECT_ROOT,
    outfile: 'index.mjs',
    bundle: true,
    minify,
    metafile: true,
    write: false,
    logLevel: 'silent',
    ...(aliases ? { alias: { ...aliasesOf(definition as FunctionDefinition) } } : {}),
  });
}

/** Paths of what stands in the bundle, and not merely was looked at. */
export function contentsOf({ metafile }: Built): string[] {
  const [output] = Object.values(metafile.outputs);
  return Object.entries(output?.inputs ?? {})
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([path]) => path);
}
