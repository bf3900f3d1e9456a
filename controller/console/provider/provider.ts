import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  ClientSecretBasic,
  Configuration,
  clockSkew,
  customFetch,
  discovery,
  None,
  ResponseBodyError,
  type ServerMetadata,
} from 'openid-client';
import { z } from 'zod';
import type { Clock } from '../../../shared/clock/index.ts';
import { FarcallError } from '../../../shared/errors/index.ts';
import {
  ID_TOKEN_ALGORITHMS,
  type IdTokenIdentity,
  providerKeys,
  verifyIdToken,
} from '../../../shared/tokens/index.ts';
import type { ControllerConfig } from '../../config/index.ts';
import { fetchBounded } from './bounded-fetch.ts';
import type { SignInSecrets } from './sign-in-secrets.ts';

/** An identity provider, as the controller's configuration describes it. */
export type OidcConfig = NonNullable<NonNullable<ControllerConfig['console']>['oidc']>;

/** An identity provider, as a client of it sees it (OpenID Connect Core 1.0, code flow). */
export interface OidcProvider {
  readonly config: OidcConfig;
  /** The address at which a browser signs in. Throws PROVIDER_FAILED. */
  signInAddress(secrets: SignInSecrets, redirectUri: string): Promise<string>;
  /**
   * The identity that the provider returns: `answer` is the address, with its query, to which the provider
   * sent the browser. Throws PROVIDER_FAILED, and what `verifyIdToken` throws.
   */
  identify(secrets: SignInSecrets, answer: URL): Promise<IdTokenIdentity>;
}

/** How long the metadata of a provider are cached. */
const METADATA_LIFE_MS = 600_000;

const address = z
  .url()
  .max(2048)
  .refine(
    text => /^https:\/\/|^http:\/\/(localhost|127\.0\.0\.1)[:/]/.test(text),
    'an address with https://',
  );

/** The members of OpenID Connect Discovery 1.0, section 3, that are used. */
const endpointsSchema = z.object({
  authorization_endpoint: address,
  token_endpoint: address,
  jwks_uri: address,
});

const idTokenSchema = z.string().min(1).max(65_536);

/** The secret of the client, if the provider gave it one, and the clock. */
export interface OidcClientOptions {
  readonly secret: string | undefined;
  readonly clock: Clock;
}

/**
 * The provider at `config.issuer`. Nothing is fetched before somebody signs in.
 *
 * Threats:
 * - Another provider answers in its place. TLS; its metadata, its answer (RFC 9207) and its ID token must
 *   name it (RFC 9700, section 4.4).
 * - Somebody catches the code. PKCE with S256 (RFC 7636), and the client's secret if there is one.
 */
export function oidcProvider(config: OidcConfig, options: OidcClientOptions): OidcProvider {
  const current = metadataCache(config, options.clock);
  const { issuer, clientId } = config;
  return {
    config,
    async signInAddress({ state, nonce, challenge }, redirectUri) {
      const { metadata } = await current();
      return buildAuthorizationUrl(clientOf(config, metadata, options), {
        ...{ redirect_uri: redirectUri, state, nonce },
        scope: config.claim === 'email' ? 'openid email' : 'openid',
        ...{ code_challenge: challenge, code_challenge_method: 'S256' },
      }).href;
    },
    async identify({ verifier, nonce, state }, answer) {
      const { metadata, keys } = await current();
      const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier };
      const tokens = await orProviderFailed(issuer, () =>
        authorizationCodeGrant(clientOf(config, metadata, options), answer, checks),
      );
      const token = idTokenSchema.safeParse(tokens.id_token);
      if (!token.success) throw failed(issuer, 'it sends no ID token, or a longer one than is accepted');
      return verifyIdToken(token.data, { keys, issuer, clientId, nonce, nowMs: options.clock.nowMs() });
    },
  };
}

interface ProviderMetadata {
  readonly metadata: ServerMetadata;
  readonly keys: ReturnType<typeof providerKeys>;
}

function metadataCache(config: OidcConfig, clock: Clock): () => Promise<ProviderMetadata> {
  let cached: { readonly value: ProviderMetadata; readonly untilMs: number } | undefined;
  return async () => {
    if (cached && clock.nowMs() < cached.untilMs) return cached.value;
    const metadata = await fetchMetadata(config);
    const keys = providerKeys(new URL(metadata.jwks_uri ?? ''), fetchBounded as typeof fetch);
    cached = { value: { metadata, keys }, untilMs: clock.nowMs() + METADATA_LIFE_MS };
    return cached.value;
  };
}

/**
 * Throws PROVIDER_FAILED. The library tolerates some providers whose metadata name another issuer; this does
 * not.
 */
async function fetchMetadata({ issuer, clientId }: OidcConfig): Promise<ServerMetadata> {
  const options = {
    [customFetch]: fetchBounded,
    ...(isInsecure(issuer) && { execute: [allowInsecureRequests] }),
  };
  const discovered = await orProviderFailed(issuer, () =>
    discovery(new URL(issuer), clientId, undefined, None(), options),
  );
  const metadata = discovered.serverMetadata();
  if (metadata.issuer !== issuer) throw failed(issuer, `its metadata name ${metadata.issuer}`);
  const endpoints = endpointsSchema.safeParse(metadata);
  if (endpoints.success) return metadata;
  const [issue] = endpoints.error.issues;
  throw failed(issuer, `${issue?.path.join('.') || 'its metadata'}: ${issue?.message}`);
}

/**
 * The client of the library, which compares times by our clock. The algorithms that a provider lists do not
 * count: the rules of `verifyIdToken` do.
 */
function clientOf(
  { issuer, clientId }: OidcConfig,
  metadata: ServerMetadata,
  { secret, clock }: OidcClientOptions,
): Configuration {
  const skewS = Math.round((clock.nowMs() - Date.now()) / 1000);
  const client = new Configuration(
    { ...metadata, id_token_signing_alg_values_supported: [...ID_TOKEN_ALGORITHMS] },
    clientId,
    { [clockSkew]: skewS },
    secret === undefined ? None() : ClientSecretBasic(secret),
  );
  client[customFetch] = fetchBounded;
  if (isInsecure(issuer)) allowInsecureRequests(client);
  return client;
}

/** The configuration allows plain text on this machine only. */
function isInsecure(issuer: string): boolean {
  return issuer.startsWith('http:');
}

/** Does `work`; throws what the library has found as PROVIDER_FAILED, and our own errors as they are. */
async function orProviderFailed<T>(issuer: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    for (let cause = thrown; cause instanceof Error; cause = cause.cause)
      if (cause instanceof FarcallError) throw cause;
    throw failed(issuer, reasonOf(thrown), thrown);
  }
}

/**
 * Threat: a provider's own words could forge a line of the log. Of an error only its code is quoted (RFC
 * 6749, section 5.2).
 */
function reasonOf(thrown: unknown): string {
  if (thrown instanceof ResponseBodyError)
    return `it answers ${thrown.status}: ${thrown.error.replaceAll(/[^\w.-]/g, '').slice(0, 64)}`;
  const { message, cause } = thrown as Error;
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}

function failed(issuer: string, what: string, cause?: unknown): FarcallError {
  return new FarcallError('PROVIDER_FAILED', `${issuer}: ${what}`, { cause });
}
