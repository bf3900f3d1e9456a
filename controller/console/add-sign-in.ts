import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { FarcallError, toFarcallError } from '../../shared/errors/index.ts';
import { tokenBuckets } from '../../shared/limits/index.ts';
import { operatorKeys } from '../trust/index.ts';
import type { MeJson, SignInApi, SignInMethodsJson } from '../views/index.ts';
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
  newChallenge,
  passkeyFile,
  passkeySignIn,
  registrationSchema,
  type SignInSubject,
} from './session/index.ts';

/**
 * How often one address may try to sign in or to register a passkey. A whole office may stand behind one
 * address, and signing in by passkey takes two tries.
 */
const TRIES = { burst: 120, perSecond: 1 };

/** Serves a route of {@link SignInApi}; the body is not checked yet. */
type SignInHandler<Entry> = Entry extends { reply: infer Reply }
  ? (body: unknown, reply: FastifyReply) => Promise<Reply>
  : never;

/** The routes that need no session and whose use is limited by address. */
type PublicRoutes = {
  readonly [Key in Exclude<keyof SignInApi, 'GET session' | 'POST sign-out'>]: SignInHandler<SignInApi[Key]>;
};

/**
 * Adds the routes for people who are not signed in yet.
 *
 * Threat: somebody guesses codes, or fills the store with challenges. A code has 256 bits; one address has
 * 120 tries, and one more every second.
 */
export function addSignIn(server: FastifyInstance, deps: ConsoleDeps): void {
  const take = tokenBuckets(deps.clock, TRIES);
  const limit = (address: string): void => {
    if (!take(address))
      throw new FarcallError('RATE_LIMITED', 'too many tries from this address; wait a minute');
  };
  const enter = async (subject: SignInSubject, reply: FastifyReply): Promise<MeJson> => {
    const { secret, signedIn } = await beginSession(deps, subject);
    deps.log.info({ person: subject.person, signInMethod: subject.signInMethod }, 'signed in at the console');
    reply.header('set-cookie', setCookie(sessionCookie(deps.config), secret));
    return meJson(deps, signedIn);
  };
  for (const [key, handler] of Object.entries(publicRoutes(deps, enter)))
    server.post(`/api/${key.split(' ')[1]}`, async (request, reply) => {
      checkSameOrigin(deps.config, request.method, request.headers);
      limit(request.ip);
      reply.header('cache-control', 'no-store');
      return handler(request.body, reply);
    });
  if (deps.oidc) addOidc(server, deps, { provider: deps.oidc, limit, enter });
  server.get('/api/session', (request, reply) => session(deps, request, reply));
  server.post('/api/sign-out', (request, reply) => signOut(deps, request, reply));
}

const codeSchema = z.strictObject({ code: z.string().min(1).max(256) });

function publicRoutes(
  deps: ConsoleDeps,
  enter: (subject: SignInSubject, reply: FastifyReply) => Promise<MeJson>,
): PublicRoutes {
  return {
    'POST sign-in/challenge': async () => ({
      challenge: await newChallenge(deps, 'challenge'),
      rpId: rpIdOf(deps.config),
      // Nobody learns which passkeys exist before signing in: the browser offers those that it has.
      credentialIds: [],
    }),
    'POST sign-in/passkey': async (body, reply) =>
      enter(await passkeySignIn(deps, bodyOf(assertionSchema, body)), reply),
    'POST sign-in/code': async (body, reply) =>
      enter(await codeSignIn(deps, bodyOf(codeSchema, body).code), reply),
    'POST passkey/challenge': async () => ({
      challenge: await newChallenge(deps, 'registration'),
      rpId: rpIdOf(deps.config),
    }),
    'POST passkey/register': async body => ({
      file: await passkeyFile(deps, bodyOf(registrationSchema, body)),
    }),
  };
}

/** The person who is signed in; if nobody is, the error with the methods of signing in. */
async function session(
  deps: ConsoleDeps,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<SignInApi['GET session']['reply']> {
  checkSameOrigin(deps.config, request.method, request.headers);
  reply.header('cache-control', 'no-store');
  deps.limits.admitAddress(request.ip);
  try {
    return meJson(deps, await findSession(deps, request.headers.cookie));
  } catch (thrown) {
    const error = toFarcallError(thrown);
    if (error.code !== 'UNAUTHENTICATED') throw error;
    deps.limits.countUnauthenticated(request.ip);
    const { status, body } = errorReply(error);
    reply.status(status);
    return { ...body, signIn: signInMethods(deps) };
  }
}

async function signOut(deps: ConsoleDeps, request: FastifyRequest, reply: FastifyReply): Promise<object> {
  checkSameOrigin(deps.config, request.method, request.headers);
  const signedIn = await findSession(deps, request.headers.cookie).catch(() => undefined);
  if (signedIn) await deps.consoles.end(signedIn.session.id);
  reply.header('set-cookie', setCookie(sessionCookie(deps.config), ''));
  return {};
}

function signInMethods({ trust, config, name, oidc }: ConsoleDeps): SignInMethodsJson {
  const rpId = rpIdOf(config);
  const passkeys = [...operatorKeys(trust.current()).keyring.values()].some(
    ({ passkey }) => passkey?.rpId === rpId,
  );
  return { passkeys, oidc: oidc !== undefined, controller: name };
}
