import { FarcallError } from '../errors/index.ts';
import type { Gate, Rollout, WaveSpec } from '../messages/index.ts';
import { FAILING_OUTCOMES } from '../outcome/index.ts';

/** A number of failed hosts that is never exceeded: the largest uint32 of the message. */
export const NO_LIMIT_HOSTS = 0xffff_ffff;

/** A share of failed hosts, in per mille of a wave, that is never exceeded. */
export const NO_LIMIT_PERMILLE = 1000;

/**
 * A gate with these limits. If neither is given, no host may fail; if only one is given, the other is not
 * applied.
 */
export function gateOf(limits: {
  readonly maxFailedHosts?: number;
  readonly maxFailedPermille?: number;
  /** A wave on which no host can do anything passes too. */
  readonly notApplicableOk?: boolean;
}): Gate {
  const { maxFailedHosts, maxFailedPermille } = limits;
  const none = maxFailedHosts === undefined && maxFailedPermille === undefined;
  return {
    maxFailedHosts: maxFailedHosts ?? (none ? 0 : NO_LIMIT_HOSTS),
    maxFailedPermille: maxFailedPermille ?? NO_LIMIT_PERMILLE,
    failing: [...FAILING_OUTCOMES],
    health: true,
    notApplicableOk: limits.notApplicableOk === true,
  };
}

/** Longer than results are awaited after a request has expired. */
const DAY_MS = 24 * 3_600_000;

/**
 * The rollout of a request that declares none: one wave of all hosts that lasts until the request is over,
 * and a gate that always passes. `lifetimeMs` is from creation to expiry.
 */
export function plainRollout(lifetimeMs: number): Rollout {
  return {
    waves: [{ size: 'rest', bakeMs: 0, manual: false }],
    gate: { ...gateOf({ maxFailedHosts: NO_LIMIT_HOSTS, notApplicableOk: true }), health: false },
    answerWithinMs: lifetimeMs + DAY_MS,
  };
}

/** The rollout of a request: its own, or {@link plainRollout}. */
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
 * a selector such as `role=canary` for all that match it, or `5 of role=canary`. The selector is not parsed
 * here. Throws ROLLOUT_INVALID.
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

/** A wave as {@link parseWave} reads it. */
export function formatWave({ size, selector }: Pick<WaveSpec, 'size' | 'selector'>): string {
  if (selector === undefined) return size;
  return size === 'rest' ? selector : `${size} of ${selector}`;
}

/** Reads a share such as `1%` or `0.5%`; returns it in per mille. Throws ROLLOUT_INVALID. */
export function parseShare(text: string): number {
  const match = /^(\d{1,3})(?:\.(\d))?%$/.exec(text.trim());
  const permille = match ? Number(match[1]) * 10 + Number(match[2] ?? 0) : Number.NaN;
  if (permille <= NO_LIMIT_PERMILLE) return permille;
  throw new FarcallError('ROLLOUT_INVALID', `'${text}' is not a share; write 1% or 0.5%, at most 100%`);
}

/** What a gate makes of a wave on which no host could do anything, for people. */
export function idleText({ notApplicableOk }: Gate): string {
  return `a wave on which no host can run it ${notApplicableOk ? 'passes' : 'fails'}`;
}

/** The limits of a gate for people: `at most 2 hosts and 1% of a wave`. */
export function limitsText({ maxFailedHosts, maxFailedPermille }: Gate): string {
  const limits = [
    ...(maxFailedHosts < NO_LIMIT_HOSTS
      ? [`${maxFailedHosts} ${maxFailedHosts === 1 ? 'host' : 'hosts'}`]
      : []),
    ...(maxFailedPermille < NO_LIMIT_PERMILLE ? [`${maxFailedPermille / 10}% of a wave`] : []),
  ];
  return limits.length > 0 ? `at most ${limits.join(' and ')}` : 'without limit';
}
