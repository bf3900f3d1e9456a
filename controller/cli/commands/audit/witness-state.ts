import { existsSync } from 'node:fs';
import { FarcallError } from '../../../../shared/errors/index.ts';
import { requireSite, splitCanonicalToken, TOKEN_KINDS } from '../../../../shared/tokens/index.ts';
import type { SeenEntry } from './seen-chain.ts';

/** What a witness has signed, as they keep it. */
export interface OwnStatement extends SeenEntry {
  readonly token: string;
  readonly kid: string;
  /** Id of the store. */
  readonly store: string;
  /** When they signed it. */
  readonly madeAtMs: number;
}

/**
 * The statements in the file `path` of the witness `name`, the oldest first; none if there is no file yet. A
 * line that a crash cut short was never handed in, and is left out. Throws FILE_UNREADABLE, CONFIG_INVALID if
 * the file is somebody else's, SITE_OTHER if it is of another site.
 */
export async function readWitnessState(
  path: string,
  { name, site }: { readonly name: string; readonly site: string },
): Promise<readonly OwnStatement[]> {
  if (!existsSync(path)) return [];
  const { readTokenFile } = await import('../../../audit/index.ts');
  const statements: OwnStatement[] = [];
  for await (const token of readTokenFile(path)) {
    const statement = statementIn(token);
    if (!statement) continue;
    const { witness, site: theirs, ...own } = statement;
    requireSite(`--state: ${path}`, theirs, site);
    if (witness !== name)
      throw new FarcallError('CONFIG_INVALID', `--state: ${path} is of ${witness}; name another file`);
    statements.push(own);
  }
  return statements;
}

/**
 * The signature is not verified: the file is this witness's own, and what they signed with an earlier key of
 * theirs still binds the log.
 */
function statementIn(token: string) {
  try {
    const { header, payload } = splitCanonicalToken(token);
    const { typ, claims } = TOKEN_KINDS.witness;
    if (header['typ'] !== typ) return undefined;
    const { iss, site, iat, store, seq, hash } = claims.parse(payload);
    const seen = { seq, hash: Buffer.from(hash, 'base64url') };
    return { ...seen, witness: iss, site, token, kid: String(header['kid']), store, madeAtMs: iat * 1000 };
  } catch {
    return undefined;
  }
}
