import { FarcallError } from '../errors/index.ts';
import type { Gate, Rollout, WaveSpec } from '../messages/index.ts';
import { FAILING_OUTCOMES } from '../outcome/index.ts';

/** A limit that is never passed: the largest number that the message holds. */
export const NO_LIMIT_HOSTS = 0xffff_ffff;

/** Per mille of a wave that can never be passed. */
export const NO_LIMIT_PERMILLE = 1000;

/**
 * A gate with these limits. Where neither is given one failed host is too many; where one is, only that one
 * counts.
 */
export function gateOf(limits: {
  readonly maxFailedHosts?: number;
  readonly maxFailedPermille?: number;
}): Gate {
  const { maxFailedHosts, maxFailedPermille } = limits;
  const none = maxFailedHosts === undefined && maxFailedPermille === undefined;
  return {
    maxFailedHosts: maxFailedHosts ?? (none ? 0 : NO_LIMIT_HOSTS),
    maxFailedPermille: maxFailedPermille ?? NO_LIMIT_PERMILLE,
    failing: [...FAILING_OUTCOMES],
    health: true,
  };
}

/** Longer than a request is waited for after its life. */
const DAY_MS = 24 * 3_600_000;

/**
 * The rollout of a request that names none: one wave of all hosts, that waits for them until the request is
 * over, and a gate that nothing fails.
 */
export function plainRollout(lifetimeMs: number): Rollout {
  return {
    waves: [{ size: 'rest', bakeMs: 0, manual: false }],
    gate: { ...gateOf({ maxFailedHosts: NO_LIMIT_HOSTS }), health: false },
    answerWithinMs: lifetimeMs + DAY_MS,
  };
}

/** The rollout that a request means. */
export function rolloutOf(request: {
  readonly rollout?: Rollout | undefined;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}): Rollout {
  return request.rollout ?? plainRollout(request.expiresAtMs - request.createdAtMs);
}

const SIZED = /^(\S+) of (.+)$/s;
const SIZE = /^([1-9][0-9]{0,8}|(100|[1-9][0-9]?)%|rest)$/;

/**
 * Reads which hosts a wave takes, as people write it: `5`, `10%` (of all expected hosts, rounded up), `rest`,
 * a selector such as `role=canary` for all that match it, or `5 of role=canary`. The selector itself is not
 * looked at. Throws ROLLOUT_INVALID.
 */
export function parseWave(text: string): Pick<WaveSpec, 'size' | 'selector'> {
  const trimmed = text.trim();
  if (SIZE.test(trimmed)) return { size: trimmed };
  const [, size, selector] = SIZED.exec(trimmed) ?? [];
  if (size !== undefined && selector !== undefined && SIZE.test(size))
    return { size, selector: selector.trim() };
  if (trimmed === '' || /^[0-9.+-]+%?$/.test(trimmed))
    throw new FarcallError(
      'ROLLOUT_INVALID',
      `'${trimmed}' is not a wave; write 5, 10%, rest, a selector such as role=canary, or 5 of role=canary`,
    );
  return { size: 'rest', selector: trimmed };
}

/** The text that {@link parseWave} reads. */
export function formatWave({ size, selector }: Pick<WaveSpec, 'size' | 'selector'>): string {
  if (selector === undefined) return size;
  return size === 'rest' ? selector : `${size} of ${selector}`;
}

/** Reads a share such as `1%` or `0.5%` as per mille. Throws ROLLOUT_INVALID. */
export function parseShare(text: string): number {
  const match = /^(\d{1,3})(?:\.(\d))?%$/.exec(text.trim());
  const permille = match ? Number(match[1]) * 10 + Number(match[2] ?? 0) : Number.NaN;
  if (permille <= NO_LIMIT_PERMILLE) return permille;
  throw new FarcallError('ROLLOUT_INVALID', `'${text}' is not a share; write 1% or 0.5%, at most 100%`);
}

/** The gate's limits for people: `at most 2 hosts and 1% of a wave`. */
export function limitsText({ maxFailedHosts, maxFailedPermille }: Gate): string {
  const limits = [
    ...(maxFailedHosts < NO_LIMIT_HOSTS
      ? [`${maxFailedHosts} ${maxFailedHosts === 1 ? 'host' : 'hosts'}`]
      : []),
    ...(maxFailedPermille < NO_LIMIT_PERMILLE ? [`${maxFailedPermille / 10}% of a wave`] : []),
  ];
  return limits.length > 0 ? `at most ${limits.join(' and ')}` : 'without limit';
}
