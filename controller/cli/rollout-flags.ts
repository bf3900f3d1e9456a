import { FarcallError } from '../../shared/errors/index.ts';
import type { Rollout, WaveSpec } from '../../shared/messages/index.ts';
import { gateOf, parseShare, parseWave } from '../../shared/rollout/index.ts';
import { parseSelector } from '../../shared/targets/index.ts';
import { parseDuration } from '../views/index.ts';

/** The options of `farcall request` about waves. */
export interface RolloutOptions {
  /** In their order. */
  readonly wave: readonly string[];
  readonly bake?: string;
  readonly manual?: boolean;
  readonly maxFailed?: string;
  readonly maxFailedShare?: string;
  readonly answerWithin?: string;
}

/** How much longer than its time a call's host may take to answer, where nothing else is said, in milliseconds. */
const ANSWER_SLACK_MS = 60_000;

/**
 * The rollout that the options mean; undefined where there is no `--wave`. `--bake` and `--manual` are for every wave, and a
 * wave can say its own behind semicolons: `role=canary; bake 30m; manual`. Throws ROLLOUT_INVALID, SELECTOR_INVALID, CONFIG_INVALID.
 */
export function rolloutFrom(options: RolloutOptions, timeoutMs: number): Rollout | undefined {
  const { wave: waves, bake, manual, maxFailed, maxFailedShare, answerWithin } = options;
  if (waves.length === 0) {
    const others = {
      '--bake': bake,
      '--manual': manual,
      '--max-failed': maxFailed,
      '--max-failed-share': maxFailedShare,
    };
    for (const [option, value] of Object.entries({ ...others, '--answer-within': answerWithin }))
      if (value !== undefined)
        throw new FarcallError(
          'ROLLOUT_INVALID',
          `${option} is about waves; say which with --wave, as in --wave rest`,
        );
    return undefined;
  }
  const common = { bakeMs: bake === undefined ? 0 : parseDuration('--bake', bake), manual: manual === true };
  return {
    waves: waves.map(text => waveFrom(text, common)),
    gate: gateOf({
      ...(maxFailed === undefined ? {} : { maxFailedHosts: countFrom(maxFailed) }),
      ...(maxFailedShare === undefined ? {} : { maxFailedPermille: parseShare(maxFailedShare) }),
    }),
    answerWithinMs:
      answerWithin === undefined
        ? timeoutMs + ANSWER_SLACK_MS
        : parseDuration('--answer-within', answerWithin),
  };
}

function waveFrom(text: string, common: Pick<WaveSpec, 'bakeMs' | 'manual'>): WaveSpec {
  const [size = '', ...words] = text.split(';').map(word => word.trim());
  const wave: WaveSpec = { ...parseWave(size), ...common };
  if (wave.selector !== undefined) parseSelector(wave.selector);
  for (const word of words) {
    const bake = /^bake\s+(\S+)$/.exec(word)?.[1];
    if (bake !== undefined) wave.bakeMs = parseDuration('--wave, bake', bake);
    else if (word === 'manual') wave.manual = true;
    else
      throw new FarcallError(
        'ROLLOUT_INVALID',
        `--wave: '${word}' is not known; there are bake 5m, and manual`,
      );
  }
  return wave;
}

function countFrom(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new FarcallError('ROLLOUT_INVALID', `--max-failed: '${text}' is not a number of hosts`);
}
