import { z } from 'zod';
import type { Clock } from '../../../shared/clock/index.ts';
import { FarcallError } from '../../../shared/errors/index.ts';
import { firstIssue } from '../../../shared/schema/index.ts';
import { type IdTokenIdentity, providerKeys, verifyIdToken } from '../../../shared/tokens/index.ts';
import type { ControllerConfig } from '../../config/index.ts';
import { fetchBounded } from './bounded-fetch.ts';
import type { SignInSecrets } from './sign-in-secrets.ts';

/** A provider of identities, as the controller's configuration describes it. */
export type OidcConfig = NonNullable<NonNullable<ControllerConfig['console']>['oidc']>;

/** A provider of identities, as a client of it sees it (OpenID Connect Core 1.0, code flow). */
export interface OidcProvider {
  readonly config: OidcConfig;
  /** Where a browser signs in. Throws PROVIDER_FAILED. */
  signInAddress(secrets: SignInSecrets, redirectUri: string): Promise<string>;
  /** Who came back with `code`. Throws PROVIDER_FAILED, and what `verifyIdToken` throws. */
  identify(
    secrets: SignInSecrets,
    answer: { readonly code: string; readonly redirectUri: string; readonly iss: string | undefined },
  ): Promise<IdTokenIdentity>;
}

/** How long what a provider says of itself is believed. */
const METADATA_LIFE_MS = 600_000;

const address = z
  .url()
  .max(2048)
  .refine(
    text => /^https:\/\/|^http:\/\/(localhost|127\.0\.0\.1)[:/]/.test(text),
    'an address with https://',
  );

/** OpenID Connect Discovery 1.0, section 3; RFC 9207 for the last. */
const metadataSchema = z.object({
  issuer: z.string().max(2048),
  authorization_endpoint: address,
  token_endpoint: address,
  jwks_uri: address,
  authorization_response_iss_parameter_supported: z.boolean().default(false),
});
type Metadata = z.infer<typeof metadataSchema>;

const tokensSchema = z.object({ id_token: z.string().min(1).max(65_536) });

/**
 * The provider at `config.issuer`; nothing is fetched before somebody signs in.
 *
 * Threats: another provider that answers in its place (TLS; its metadata, the answer and the token must name
 * it: RFC 9700, section 4.4); somebody who catches the code (PKCE with S256, RFC 7636; the client's secret
 * where there is one).
 */
export function oidcProvider(
  config: OidcConfig,
  { secret, clock }: { readonly secret: string | undefined; readonly clock: Clock },
): OidcProvider {
  const known = keptMetadata(config.issuer, clock);
  const { clientId } = config;
  return {
    config,
    async signInAddress({ state, nonce, challenge }, redirectUri) {
      const { metadata } = await known();
      const url = new URL(metadata.authorization_endpoint);
      const asked = {
        ...{ response_type: 'code', client_id: clientId, redirect_uri: redirectUri, state, nonce },
        scope: config.claim === 'email' ? 'openid email' : 'openid',
        ...{ code_challenge: challenge, code_challenge_method: 'S256' },
      };
      for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
      return url.href;
    },
    async identify({ verifier, nonce }, { code, redirectUri, iss }) {
      const { metadata, keys } = await known();
      if (iss === undefined ? metadata.authorization_response_iss_parameter_supported : iss !== config.issuer)
        throw new FarcallError('TOKEN_CLAIMS', 'the answer is not of the provider that was asked');
      const form = {
        grant_type: 'authorization_code',
        code,
        redirect_uri: redirectUri,
        code_verifier: verifier,
      };
      const token = await exchange(metadata.token_endpoint, form, { clientId, secret });
      const { issuer } = config;
      return verifyIdToken(token, { keys, issuer, clientId, nonce, nowMs: clock.nowMs() });
    },
  };
}

interface Known {
  readonly metadata: Metadata;
  readonly keys: ReturnType<typeof providerKeys>;
}

function keptMetadata(issuer: string, clock: Clock): () => Promise<Known> {
  let kept: { readonly known: Known; readonly untilMs: number } | undefined;
  return async () => {
    if (kept && clock.nowMs() < kept.untilMs) return kept.known;
    const metadata = await fetchMetadata(issuer);
    const keys = providerKeys(new URL(metadata.jwks_uri), fetchBounded as typeof fetch);
    kept = { known: { metadata, keys }, untilMs: clock.nowMs() + METADATA_LIFE_MS };
    return kept.known;
  };
}

async function fetchMetadata(issuer: string): Promise<Metadata> {
  const place = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const metadata = await answerOf(await fetchBounded(place), place, metadataSchema);
  if (metadata.issuer === issuer) return metadata;
  throw new FarcallError('PROVIDER_FAILED', `${place}: it says that it is ${metadata.issuer}`);
}

/** The ID token for `form` (RFC 6749, sections 2.3.1 and 4.1.3). */
async function exchange(
  place: string,
  form: Readonly<Record<string, string>>,
  { clientId, secret }: { readonly clientId: string; readonly secret: string | undefined },
): Promise<string> {
  const encoded = [clientId, secret ?? ''].map(encodeURIComponent).join(':');
  const proof = { authorization: `Basic ${Buffer.from(encoded).toString('base64')}` };
  const body = new URLSearchParams(secret === undefined ? { ...form, client_id: clientId } : form);
  const headers = { accept: 'application/json', ...(secret === undefined ? {} : proof) };
  const response = await fetchBounded(place, { method: 'POST', body, headers });
  return (await answerOf(response, place, tokensSchema)).id_token;
}

async function answerOf<S extends z.ZodType>(
  response: Response,
  place: string,
  schema: S,
): Promise<z.infer<S>> {
  const failed = (what: string, cause?: unknown): FarcallError =>
    new FarcallError('PROVIDER_FAILED', `${place}: ${what}`, { cause });
  const text = await response.text();
  if (response.status !== 200) throw failed(`it answers ${response.status}${reasonIn(text)}`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw failed('it does not answer with JSON', cause);
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw failed(firstIssue(parsed.error, 'its answer'));
}

/** The `error` of RFC 6749, section 5.2: its words are ASCII without quotes. */
function reasonIn(text: string): string {
  const reason = /"error"\s*:\s*"([\w.-]{1,64})"/.exec(text)?.[1];
  return reason === undefined ? '' : `: ${reason}`;
}
