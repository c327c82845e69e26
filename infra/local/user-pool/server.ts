/**
 * A local stand-in for one Amazon Cognito user pool, speaking Cognito's wire protocol: the unmodified SDK works
 * against it with its endpoint set. It imitates what the product uses, with AWS's own names and texts; each file
 * cites the page it follows. What it does not know, it refuses by name.
 */
import { mkdir } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ChallengeSessions } from './challenge-sessions.ts';
import { loadIdentity, type PoolIdentity } from './identity.ts';
import type { Pool, PreTokenTrigger } from './pool.ts';
import type { ClientName, PoolSettings } from './settings.ts';
import { openStore, type Store } from './store.ts';
import { handleRequest } from './wire.ts';

type UserPoolOptions = {
  /** 0 for any free port. */
  readonly port: number;
  /** Created if missing. Holds keys, ids, secrets, users and token families; one running pool per directory. */
  readonly stateDir: string;
  readonly region: string;
  readonly settings: PoolSettings;
  readonly preTokenTrigger: PreTokenTrigger;
  readonly now?: () => Date;
};

type RunningUserPool = {
  readonly url: string;
  readonly poolId: string;
  readonly issuer: string;
  readonly jwksUri: string;
  readonly clients: Record<ClientName, { id: string; secret: string }>;
  close(): Promise<void>;
};

const HOST = '127.0.0.1';
/** How long requests under way may take to finish when the pool is closed. */
const CLOSE_GRACE_MS = 2000;

function listen(server: Server, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, () => {
      server.off('error', reject);
      resolve(server.address() as AddressInfo);
    });
  });
}

async function close(server: Server, store: Store): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const timer = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
  await closed;
  clearTimeout(timer);
  store.close();
}

const credentials = ({ clients }: PoolIdentity) => ({
  api: { id: clients.api.id, secret: clients.api.secret },
  gateway: { id: clients.gateway.id, secret: clients.gateway.secret },
});

export async function startUserPool(options: UserPoolOptions): Promise<RunningUserPool> {
  const now = options.now ?? (() => new Date());
  const ready = Promise.withResolvers<Pool>();
  // The state failing to load rejects startUserPool; requests that were waiting for it lose their connection.
  ready.promise.catch(() => undefined);
  const server = createServer((request, response) => {
    ready.promise
      .then((pool) => handleRequest(pool, request, response))
      .catch((error: unknown) => {
        console.error('local user pool:', error);
        response.destroy();
      });
    response.once('finish', () => {
      if (!server.listening) request.socket.end();
    });
  });
  // The port first, the state second: a second start by mistake must fail before it rewrites the journal.
  const { port } = await listen(server, options.port);
  try {
    await mkdir(options.stateDir, { recursive: true, mode: 0o700 });
    const identity = await loadIdentity(options.stateDir, options.region);
    const store = await openStore(options.stateDir, now().getTime());
    const { settings, preTokenTrigger } = options;
    ready.resolve({ identity, settings, store, sessions: new ChallengeSessions(), preTokenTrigger, now });

    const url = `http://${HOST}:${port}`;
    return {
      url,
      poolId: identity.poolId,
      issuer: identity.issuer,
      jwksUri: `${url}/${identity.poolId}/.well-known/jwks.json`,
      clients: credentials(identity),
      close: () => close(server, store),
    };
  } catch (error) {
    ready.reject(error);
    server.close();
    server.closeAllConnections();
    throw error;
  }
}
