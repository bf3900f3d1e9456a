import { submitStatement } from '../../../controller/audit/index.ts';
import { digestText, type TokenContent } from '../../../shared/tokens/index.ts';
import { holderOf, KEYS, type Member, tokenOf } from '../cast.ts';
import type { ControllerParts } from '../controller-kit.ts';

/** A statement by `member` about the end of the log of `parts`, unless `changes` say otherwise. */
export async function statementBy(
  parts: ControllerParts,
  member: Member,
  changes: Partial<TokenContent<'witness'>> = {},
): Promise<string> {
  const { seq, hash } = await parts.audit.head();
  const nowMs = parts.clock.nowMs();
  const iat = Math.floor(nowMs / 1000);
  const content = {
    ...{ iss: holderOf(member), iat, exp: iat + 3600, entryAtMs: nowMs },
    ...{ store: await parts.checkpoints.storeId(), seq, hash: digestText(hash) },
  };
  return tokenOf('witness', { ...content, ...changes }, KEYS[member]);
}

/** Has `member` witness the log of `parts` up to its end; the statement. */
export async function witness(parts: ControllerParts, member: Member): Promise<string> {
  const token = await statementBy(parts, member);
  await submitStatement(parts, { token, submittedBy: holderOf(member) });
  return token;
}
