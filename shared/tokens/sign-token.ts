import { FarcallError } from '../errors/index.ts';
import { firstIssue } from '../schema/index.ts';
import type { SigningKey } from './keys.ts';
import { TOKEN_KINDS, type TokenClaims, type TokenKind } from './kinds.ts';

/** The claims that the caller of {@link signToken} gives; the kind adds the audience. */
export type TokenContent<K extends TokenKind> = Omit<TokenClaims<K>, 'aud'>;

/**
 * A compact JWS (RFC 7515) of `kind`, signed with `key`, in the canonical form that `verifyToken` accepts.
 * Throws TOKEN_CLAIMS if the content does not fit the kind, and what the key throws.
 */
export async function signToken<K extends TokenKind>(
  kind: K,
  content: TokenContent<K>,
  key: SigningKey,
): Promise<string> {
  const { typ, aud, claims } = TOKEN_KINDS[kind];
  const parsed = claims.safeParse({ ...content, aud });
  if (!parsed.success)
    throw new FarcallError('TOKEN_CLAIMS', `${typ}: ${firstIssue(parsed.error, 'claims')}`);
  const header = { alg: 'EdDSA', typ, kid: key.kid };
  const signed = `${base64urlOf(header)}.${base64urlOf(parsed.data)}`;
  const signature = await key.sign(Buffer.from(signed, 'utf8'));
  return `${signed}.${Buffer.from(signature).toString('base64url')}`;
}

function base64urlOf(content: object): string {
  return Buffer.from(JSON.stringify(content), 'utf8').toString('base64url');
}
