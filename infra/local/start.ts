/** `npm start`. Checks Node before anything is loaded that an old one would trip over. */
const WANTED_NODE = 24;

const major = Number(process.versions.node.split('.')[0]);
if (major < WANTED_NODE) {
  process.stderr.write(
    `Node ${WANTED_NODE} or later is needed, this is ${process.version}: run "npm ci" and then "npm start", or put a newer Node on the PATH.\n`,
  );
  process.exitCode = 1;
} else {
  const [{ enableCompileCache }, { COMPILE_CACHE }] = await Promise.all([
    import('node:module'),
    import('./child.ts'),
  ]);
  enableCompileCache(COMPILE_CACHE);
  const { runStart } = await import('./start-command.ts');
  await runStart(process.argv.slice(2));
}
