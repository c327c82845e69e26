/** The token function, which signs somebody in at init as often as it is told: what P3 asks for, and P1 pays. */
import { handler } from '../../../functions/tokens/handler.ts';
import { TOKEN_EVENT } from '../token-event.ts';

const context = { awsRequestId: 'rehearsal', getRemainingTimeInMillis: () => 30_000 };
for (let times = Number(process.env.REHEARSALS); times > 0; times -= 1) {
  await handler(TOKEN_EVENT as never, context as never);
}

export { handler };
