import { CompactSign } from 'jose';
import { FarcallError } from '../errors/index.ts';
import type { SigningKey } from './keys.ts';
import { TOKEN_KINDS, type TokenClaims, type TokenKind } from './kinds.ts';

/** What the caller of {@link signToken} says; the audience is the kind's own. */
export type TokenContent<K extends TokenKind> = Omit<TokenClaims<K>, 'aud'>;

/** A compact JWS (RFC 7515) of `kind` by `key`, in the one form that `verifyToken` accepts. */
export async function signToken<K extends TokenKind>(
  kind: K,
  content: TokenContent<K>,
  key: SigningKey,
): Promise<string> {
  const { typ, aud, claims } = TOKEN_KINDS[kind];
  const parsed = claims.safeParse({ ...content, aud });
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new FarcallError('TOKEN_CLAIMS', `${typ}: ${issue?.path.join('.')}: ${issue?.message}`);
  }
  return new CompactSign(Buffer.from(JSON.stringify(parsed.data)))
    .setProtectedHeader({ alg: 'EdDSA', typ, kid: key.kid })
    .sign(key.privateKey);
}
