import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { FarcallError, toFarcallError } from '../../shared/errors/index.ts';
import { tokenBuckets } from '../../shared/limits/index.ts';
import { operatorKeys } from '../trust/index.ts';
import {
  type ConsoleDeps,
  checkSameOrigin,
  errorReply,
  rpIdOf,
  sessionCookie,
  setCookie,
} from './http/index.ts';
import { addOidc } from './oidc/index.ts';
import { bodyOf, meJson } from './routes/index.ts';
import {
  assertionSchema,
  beginSession,
  codeSignIn,
  findSession,
  type Newcomer,
  newChallenge,
  passkeyFile,
  passkeySignIn,
  registrationSchema,
} from './session/index.ts';

/** Tries to sign in, or to make a passkey, from one address. */
const TRIES = { burst: 30, perSecond: 0.5 };

/**
 * Has `server` take those who are not signed in yet.
 *
 * Threat: somebody guesses codes, or fills the store with challenges. Codes have 256 bits; from one address there are 30 tries, and
 * one more every two seconds.
 */
export function addSignIn(server: FastifyInstance, deps: ConsoleDeps): void {
  const take = tokenBuckets(deps.clock, TRIES);
  const limit = (address: string): void => {
    if (!take(address))
      throw new FarcallError('RATE_LIMITED', 'too many tries from this address; wait a minute');
  };
  const outside = (path: string, answer: (body: unknown, reply: FastifyReply) => Promise<unknown>): void => {
    server.post(`/api/${path}`, async (request, reply) => {
      checkSameOrigin(deps.config, request.method, request.headers);
      limit(request.ip);
      reply.header('cache-control', 'no-store');
      return answer(request.body, reply);
    });
  };
  const enter = async (newcomer: Newcomer, reply: FastifyReply): Promise<object> => {
    const { secret, signedIn } = await beginSession(deps, newcomer);
    deps.log.info({ person: newcomer.person, way: newcomer.way }, 'signed in at the console');
    reply.header('set-cookie', setCookie(sessionCookie(deps.config), secret));
    return meJson(deps, signedIn);
  };
  outside('sign-in/challenge', async () => ({
    challenge: await newChallenge(deps, 'challenge'),
    rpId: rpIdOf(deps.config),
    // Which keys there are is nobody's business who is not signed in: the browser offers those it has.
    credentialIds: [],
  }));
  outside('sign-in/passkey', async (body, reply) =>
    enter(await passkeySignIn(deps, bodyOf(assertionSchema, body)), reply),
  );
  outside('sign-in/code', async (body, reply) => {
    const { code } = bodyOf(z.strictObject({ code: z.string().min(1).max(256) }), body);
    return enter(await codeSignIn(deps, code), reply);
  });
  outside('passkey/challenge', async () => ({
    challenge: await newChallenge(deps, 'registration'),
    rpId: rpIdOf(deps.config),
  }));
  outside('passkey/register', async body => ({
    file: await passkeyFile(deps, bodyOf(registrationSchema, body)),
  }));
  if (deps.oidc) addOidc(server, deps, { provider: deps.oidc, limit, enter });
  server.get('/api/session', (request, reply) => session(deps, request, reply));
  server.post('/api/sign-out', (request, reply) => signOut(deps, request, reply));
}

/** Who is signed in; where nobody is, by which ways one can be. */
async function session(deps: ConsoleDeps, request: FastifyRequest, reply: FastifyReply): Promise<object> {
  checkSameOrigin(deps.config, request.method, request.headers);
  reply.header('cache-control', 'no-store');
  try {
    return meJson(deps, await findSession(deps, request.headers.cookie));
  } catch (thrown) {
    const error = toFarcallError(thrown);
    if (error.code !== 'UNAUTHENTICATED') throw error;
    const { status, body } = errorReply(error);
    reply.status(status);
    return { ...body, signIn: signInWays(deps) };
  }
}

async function signOut(deps: ConsoleDeps, request: FastifyRequest, reply: FastifyReply): Promise<object> {
  checkSameOrigin(deps.config, request.method, request.headers);
  const signedIn = await findSession(deps, request.headers.cookie).catch(() => undefined);
  if (signedIn) await deps.consoles.end(signedIn.session.id);
  reply.header('set-cookie', setCookie(sessionCookie(deps.config), ''));
  return {};
}

/** By which ways one can sign in, for the page that asks. */
function signInWays({ trust, config, name, oidc }: ConsoleDeps): object {
  const rpId = rpIdOf(config);
  const passkeys = [...operatorKeys(trust.current()).keyring.values()].some(
    ({ passkey }) => passkey?.rpId === rpId,
  );
  return { passkeys, oidc: oidc !== undefined, controller: name };
}
