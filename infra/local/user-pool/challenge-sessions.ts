/**
 * Sessions between a challenge and its answer. They last three minutes (AuthSessionValidity's default) and one
 * right answer; a wrong code leaves the session open, as Cognito does. In memory only: a restart voids them.
 * https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminRespondToAuthChallenge.html
 */
import { randomBytes } from 'node:crypto';
import { notAuthorized } from './errors.ts';

type Challenge = 'SOFTWARE_TOKEN_MFA' | 'NEW_PASSWORD_REQUIRED';

type ChallengeSession = {
  readonly challenge: Challenge;
  readonly username: string;
  /** The user may be deleted and made anew under the same name while the session is open. */
  readonly sub: string;
  readonly clientId: string;
  readonly expiresAtMs: number;
  used: boolean;
};

type Asked = Pick<ChallengeSession, 'challenge' | 'username' | 'clientId'>;

const SESSION_MS = 3 * 60 * 1000;
/** Cognito's sessions are some 1,500 characters; whoever stores one should meet that here. */
const SESSION_BYTES = 1120;

export class ChallengeSessions {
  readonly #sessions = new Map<string, ChallengeSession>();

  open(about: Omit<ChallengeSession, 'expiresAtMs' | 'used'>, nowMs: number): string {
    // Insertion order is order of expiry, so the stale ones are at the front.
    for (const [id, session] of this.#sessions) {
      if (session.expiresAtMs + SESSION_MS > nowMs) break;
      this.#sessions.delete(id);
    }
    const id = randomBytes(SESSION_BYTES).toString('base64url');
    this.#sessions.set(id, { ...about, expiresAtMs: nowMs + SESSION_MS, used: false });
    return id;
  }

  /** The open session of this challenge, or the refusal Cognito gives. `redeem` it once the answer is right. */
  find(id: string, asked: Asked, nowMs: number): ChallengeSession {
    const session = this.#sessions.get(id);
    if (
      !session ||
      session.challenge !== asked.challenge ||
      session.username !== asked.username ||
      session.clientId !== asked.clientId
    ) {
      throw notAuthorized('Invalid session for the user.');
    }
    if (session.used) throw notAuthorized('Invalid session for the user, session can only be used once.');
    if (nowMs >= session.expiresAtMs)
      throw notAuthorized('Invalid session for the user, session is expired.');
    return session;
  }

  /** Spends the session; of two right answers at once only the first gets through. */
  redeem(session: ChallengeSession): void {
    if (session.used) throw notAuthorized('Invalid session for the user, session can only be used once.');
    session.used = true;
  }
}
