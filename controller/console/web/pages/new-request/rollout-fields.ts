import { gateOf, parseShare, parseWave } from '../../../../../shared/rollout/index.ts';
import type { Rollout, WaveSpec } from '../../api/index.ts';

/** Waves and limits as they are typed, in the syntax of the options of `farcall request`. */
export interface RolloutFields {
  /** One wave in each row: `10%; bake 5m; manual`. */
  readonly waves: readonly string[];
  readonly maxFailed: string;
  readonly maxFailedShare: string;
  readonly answerWithin: string;
  readonly notApplicableOk: boolean;
}

/**
 * Time that a host has to answer beyond the request's timeout, as in
 * controller/cli/commands/ask/rollout-options.ts.
 */
const ANSWER_SLACK_MS = 60_000;

/** The rollout that the fields describe; undefined without waves. Throws an error with a text for people. */
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
      notApplicableOk: fields.notApplicableOk,
    }),
    answerWithinMs: answer ? durationIn(answer) : timeoutMs + ANSWER_SLACK_MS,
  };
}

/** The wave that a row describes. Throws an error with a text for people. */
export function waveIn(text: string): WaveSpec {
  const [size = '', ...settings] = text.split(';').map(part => part.trim());
  const wave: WaveSpec = { ...parseWave(size), bakeMs: 0, manual: false };
  for (const setting of settings.filter(each => each !== '')) {
    const bake = /^bake\s+(\S+)$/.exec(setting)?.[1];
    if (bake !== undefined) wave.bakeMs = durationIn(bake);
    else if (setting === 'manual') wave.manual = true;
    else throw new Error(`'${setting}' is not known; write bake 5m, or manual`);
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
