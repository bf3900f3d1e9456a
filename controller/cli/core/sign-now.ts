import { FarcallError } from '../../../shared/errors/index.ts';
import { signToken, type TokenContent } from '../../../shared/tokens/index.ts';
import type { CliContext, Session } from '../session/index.ts';

/** How long a token that is handed in at once is valid, in seconds. */
const LIFE_S = 600;

/** The kinds of tokens that a person signs and hands in at once. */
type HandedInKind = 'action' | 'lock' | 'unlock' | 'hostAcceptance' | 'enrolmentRevocation' | 'hostEnrolment';

/** The operator's signature over `about`, valid for ten minutes. */
export function signNow<K extends HandedInKind>(
  { clock }: Pick<CliContext, 'clock'>,
  { identity, key }: Session,
  kind: K,
  about: Omit<TokenContent<K>, 'iss' | 'site' | 'iat' | 'exp'>,
): Promise<string> {
  const { name: iss, site } = identity;
  const iat = Math.floor(clock.nowMs() / 1000);
  return signToken(kind, { iss, site, iat, exp: iat + LIFE_S, ...about } as TokenContent<K>, key);
}

/** The text of `--reason`, which is signed. Throws CONFIG_INVALID if it says nothing. */
export function checkedReason(reason: string): string {
  if (reason.trim() !== '') return reason;
  throw new FarcallError('CONFIG_INVALID', '--reason: say why, for the readers of the audit log');
}
