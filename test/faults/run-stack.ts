/** The whole stack in a process of its own, for the test that kills it. Tells its parent where it is. */
import { startStack } from '../../infra/local/stack.ts';

const [stateDir = ''] = process.argv.slice(2);
const { url, inboxUrl, operator, endpoints, tableName, processIds } = await startStack({ port: 0, stateDir });
process.send?.({ url, inboxUrl, operator, endpoints, tableName, processIds: processIds() });
