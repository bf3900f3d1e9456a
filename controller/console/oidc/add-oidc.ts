import { timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { FarcallError, toFarcallError } from '../../../shared/errors/index.ts';
import { operatorKeys } from '../../trust/index.ts';
import {
  type ConsoleDeps,
  checkHost,
  checkSameOrigin,
  oidcCookie,
  rpIdOf,
  secretIn,
  setCookie,
} from '../http/index.ts';
import type { OidcProvider } from '../provider/index.ts';
import { signInSecrets } from '../provider/index.ts';
import { newSecret, secretId } from '../secrets/index.ts';
import { isKeyValidNow, type SignInSubject } from '../session/index.ts';

/** Below /api. */
const CALLBACK = 'sign-in/oidc/callback';
/** How long a sign-in at the provider may take. */
const SIGN_IN_MS = 600_000;

/** Why a sign-in was refused; the page shows a text for each. */
type Refusal = 'unknown-person' | 'refused' | 'expired' | 'failed';

/** Inputs of {@link addOidc}, by reference; owned by the caller. */
export interface OidcDeps {
  readonly provider: OidcProvider;
  /** Counts a sign-in from an IP address. Throws RATE_LIMITED. */
  readonly limit: (address: string) => void;
  /** Starts the session of `subject`, and sets its cookie in the reply. */
  readonly enter: (subject: SignInSubject, reply: FastifyReply) => Promise<unknown>;
}

/**
 * Adds the sign-in through an identity provider to `server`: the browser is redirected there, and returns
 * with a code.
 *
 * Threat: a provider that lies or was stolen. It can sign in as the people whom the configuration names, and
 * view, request, pause and promote as they may. It cannot approve, reject or abort anything, because that
 * takes the person's own key.
 */
export function addOidc(server: FastifyInstance, deps: ConsoleDeps, oidc: OidcDeps): void {
  const redirectUri = new URL(`/api/${CALLBACK}`, deps.config.origin).href;
  server.get('/api/sign-in/oidc', async (request, reply) => {
    checkSameOrigin(deps.config, request.method, request.headers);
    oidc.limit(request.ip);
    try {
      const secret = newSecret();
      const address = await oidc.provider.signInAddress(signInSecrets(secret), redirectUri);
      const endsAtMs = deps.clock.nowMs() + SIGN_IN_MS;
      await deps.consoles.issue({ id: secretId(secret), kind: 'oidc', person: '', kid: '', endsAtMs });
      reply.header('set-cookie', setCookie(oidcCookie(deps.config, SIGN_IN_MS), secret));
      return redirect(reply, address);
    } catch (thrown) {
      return refuse(deps, reply, thrown);
    }
  });
  server.get(`/api/${CALLBACK}`, async (request, reply) => {
    checkHost(deps.config, request.headers);
    oidc.limit(request.ip);
    const forget = setCookie(oidcCookie(deps.config, SIGN_IN_MS), '');
    reply.header('set-cookie', forget);
    try {
      const subject = await signInSubjectFromCallback(deps, { ...oidc, redirectUri }, request);
      await oidc.enter(subject, reply);
      return redirect(reply, '/');
    } catch (thrown) {
      return refuse(deps, reply, thrown);
    }
  });
}

/** The browser followed a link, so it is redirected to a page that says what is wrong. The log says why. */
function refuse({ log }: ConsoleDeps, reply: FastifyReply, thrown: unknown): FastifyReply {
  const error = toFarcallError(thrown);
  log.warn({ code: error.code, err: error }, 'sign-in through the identity provider refused');
  return redirect(reply, `/#sign-in-refused=${refusalOf(error)}`);
}

function redirect(reply: FastifyReply, address: string): FastifyReply {
  return reply.header('cache-control', 'no-store').redirect(address, 303);
}

/**
 * The person that the provider signed in. Throws UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, and what the provider
 * throws.
 *
 * Threats: a reply to another browser, so that somebody works as somebody else (the state is derived from the
 * cookie of this browser); a reply that is used twice (the ticket is redeemed first).
 */
async function signInSubjectFromCallback(
  deps: ConsoleDeps,
  { provider, redirectUri }: OidcDeps & { readonly redirectUri: string },
  request: FastifyRequest,
): Promise<SignInSubject> {
  const answer = new URL(redirectUri);
  answer.search = new URL(request.url, redirectUri).search;
  const query = answer.searchParams;
  const secret = secretIn(oidcCookie(deps.config, SIGN_IN_MS), request.headers.cookie);
  const late = (): FarcallError =>
    new FarcallError('UNAUTHENTICATED', 'this sign-in was started in another browser, or has expired');
  if (secret === undefined) throw late();
  const secrets = signInSecrets(secret);
  if (!isSame(query.get('state') ?? '', secrets.state)) throw late();
  if (!(await deps.consoles.redeem(secretId(secret), 'oidc', deps.clock.nowMs()))) throw late();
  if (!query.has('code'))
    throw new FarcallError(
      'FORBIDDEN',
      `the provider refuses: ${query.get('error')?.slice(0, 64) ?? 'no code'}`,
    );
  const identity = await provider.identify(secrets, answer);
  const { claim, people } = provider.config;
  const named = identity[claim];
  if (named === undefined || !Object.hasOwn(people, named))
    throw new FarcallError(
      'NOT_FOUND',
      `console.oidc.people has no ${claim} '${named ?? '(none that is verified)'}'`,
    );
  return asPerson(deps, people[named] ?? '');
}

/**
 * The person whom the provider has signed in. Their session has the roles of their passkey for this console,
 * which is what they will sign with; otherwise those of their first key.
 */
function asPerson(deps: ConsoleDeps, person: string): SignInSubject {
  const own = [...operatorKeys(deps.trust.current()).keyring].filter(
    ([, key]) => key.owner === person && isKeyValidNow(key, deps.clock),
  );
  const chosen = own.find(([, { passkey }]) => passkey?.rpId === rpIdOf(deps.config)) ?? own[0];
  if (!chosen) throw new FarcallError('NOT_FOUND', `${person} is nobody in the trust bundle`);
  return { person, kid: chosen[0], signInMethod: 'oidc' };
}

function isSame(given: string, due: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(due)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function refusalOf({ code }: FarcallError): Refusal {
  if (code === 'NOT_FOUND') return 'unknown-person';
  if (code === 'FORBIDDEN') return 'refused';
  return code === 'UNAUTHENTICATED' ? 'expired' : 'failed';
}
