import { gateOf, parseShare, parseWave } from '../../../../../shared/rollout/index.ts';
import type { Rollout, WaveSpec } from '../../api/index.ts';

/** Waves and limits as they are typed; spelled as the options of `farcall request`. */
export interface RolloutFields {
  /** `10%; bake 5m; manual`, one in a row. */
  readonly waves: readonly string[];
  readonly maxFailed: string;
  readonly maxFailedShare: string;
  readonly answerWithin: string;
}

/** How much longer than its time a call's host may take to answer, as in controller/cli/rollout-flags.ts. */
const ANSWER_SLACK_MS = 60_000;

/** The rollout that the fields mean; undefined where there is no wave. Throws an error with a text for people. */
export function rolloutIn(fields: RolloutFields, timeoutMs: number): Rollout | undefined {
  const waves = fields.waves.filter(wave => wave.trim() !== '');
  if (waves.length === 0) return undefined;
  const [maxFailed, share, answer] = [fields.maxFailed, fields.maxFailedShare, fields.answerWithin].map(
    text => text.trim(),
  );
  return {
    waves: waves.map(waveIn),
    gate: gateOf({
      ...(maxFailed && { maxFailedHosts: countIn(maxFailed) }),
      ...(share && { maxFailedPermille: parseShare(share) }),
    }),
    answerWithinMs: answer ? durationIn(answer) : timeoutMs + ANSWER_SLACK_MS,
  };
}

/** One row. Throws an error with a text for people. */
export function waveIn(text: string): WaveSpec {
  const [size = '', ...words] = text.split(';').map(word => word.trim());
  const wave: WaveSpec = { ...parseWave(size), bakeMs: 0, manual: false };
  for (const word of words.filter(one => one !== '')) {
    const bake = /^bake\s+(\S+)$/.exec(word)?.[1];
    if (bake !== undefined) wave.bakeMs = durationIn(bake);
    else if (word === 'manual') wave.manual = true;
    else throw new Error(`'${word}' is not known; there are bake 5m, and manual`);
  }
  return wave;
}

const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Milliseconds of `500ms`, `30s`, `10m`, `1h` or `7d`. Throws an error with a text for people. */
export function durationIn(text: string): number {
  const match = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text.trim());
  if (!match) throw new Error(`'${text}' is not a duration; write 30s, 10m, 1h or 7d`);
  return Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
}

function countIn(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Error(`'${text}' is not a number of hosts`);
}
