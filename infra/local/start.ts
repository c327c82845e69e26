/** `npm start`: the compile cache first, so that all that follows is loaded through it. */
import { enableCompileCache } from 'node:module';
import { COMPILE_CACHE } from './child.ts';

enableCompileCache(COMPILE_CACHE);
const { runStart } = await import('./start-command.ts');
process.exitCode = await runStart(process.argv.slice(2));
