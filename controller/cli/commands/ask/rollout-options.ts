import type { Command } from 'commander';
import { FarcallError } from '../../../../shared/errors/index.ts';
import type { Rollout, WaveSpec } from '../../../../shared/messages/index.ts';
import { gateOf, parseShare, parseWave } from '../../../../shared/rollout/index.ts';
import { parseSelector } from '../../../../shared/targets/index.ts';
import { parseDuration } from '../../../views/index.ts';
import { collect } from '../../core/index.ts';

/** The options of `farcall request` about waves. */
export interface RolloutOptions {
  /** The waves in their order. */
  readonly wave: readonly string[];
  readonly bake?: string;
  readonly manual?: boolean;
  readonly maxFailed?: string;
  readonly maxFailedShare?: string;
  readonly answerWithin?: string;
  readonly notApplicableOk?: boolean;
}

/** Adds the options about waves. */
export function withRolloutOptions(command: Command): Command {
  return command
    .option(
      '--wave <wave>',
      'the next wave: 5, 10% of all hosts, rest, role=canary, or 5 of role=canary; may be repeated',
      collect,
      [],
    )
    .option('--bake <duration>', 'how long to wait after the last answer of each wave')
    .option('--manual', 'each next wave waits for farcall promote')
    .option('--max-failed <n>', 'if more hosts of a wave fail, the rollout stops; 0 if you give no limit')
    .option(
      '--max-failed-share <share>',
      'if a larger share of the hosts of a wave fails, the rollout stops; such as 1%',
    )
    .option('--not-applicable-ok', 'a wave passes although no host of it can run the program')
    .option(
      '--answer-within <duration>',
      'a host that is silent this long counts as unreachable; default: --timeout and 1m',
    );
}

/** How long after its timeout a call's host may still answer by default, in milliseconds. */
const ANSWER_SLACK_MS = 60_000;

/**
 * The rollout that the options describe. Undefined without `--wave`. `--bake` and `--manual` apply to every
 * wave, and a wave can have its own settings after semicolons: `role=canary; bake 30m; manual`. Throws
 * ROLLOUT_INVALID, SELECTOR_INVALID and CONFIG_INVALID.
 */
export function rolloutFrom(options: RolloutOptions, timeoutMs: number): Rollout | undefined {
  const { wave: waves, bake, manual, maxFailed, maxFailedShare, answerWithin, notApplicableOk } = options;
  if (waves.length === 0) {
    refuseOptionsWithoutWave(options);
    return undefined;
  }
  const common = { bakeMs: bake === undefined ? 0 : parseDuration('--bake', bake), manual: manual === true };
  return {
    waves: waves.map(text => waveFrom(text, common)),
    gate: gateOf({
      ...(maxFailed === undefined ? {} : { maxFailedHosts: countFrom(maxFailed) }),
      ...(maxFailedShare === undefined ? {} : { maxFailedPermille: parseShare(maxFailedShare) }),
      notApplicableOk: notApplicableOk === true,
    }),
    answerWithinMs:
      answerWithin === undefined
        ? timeoutMs + ANSWER_SLACK_MS
        : parseDuration('--answer-within', answerWithin),
  };
}

function refuseOptionsWithoutWave(options: RolloutOptions): void {
  const values = {
    '--bake': options.bake,
    '--manual': options.manual,
    '--max-failed': options.maxFailed,
    '--max-failed-share': options.maxFailedShare,
    '--answer-within': options.answerWithin,
    '--not-applicable-ok': options.notApplicableOk,
  };
  const given = Object.entries(values).find(([, value]) => value !== undefined);
  if (given)
    throw new FarcallError('ROLLOUT_INVALID', `${given[0]} is about waves; add --wave, such as --wave rest`);
}

function waveFrom(text: string, common: Pick<WaveSpec, 'bakeMs' | 'manual'>): WaveSpec {
  const [size = '', ...settings] = text.split(';').map(part => part.trim());
  const wave: WaveSpec = { ...parseWave(size), ...common };
  if (wave.selector !== undefined) parseSelector(wave.selector);
  for (const setting of settings) {
    const bake = /^bake\s+(\S+)$/.exec(setting)?.[1];
    if (bake !== undefined) wave.bakeMs = parseDuration('--wave, bake', bake);
    else if (setting === 'manual') wave.manual = true;
    else
      throw new FarcallError(
        'ROLLOUT_INVALID',
        `--wave: '${setting}' is not known; a wave can have bake 5m, and manual`,
      );
  }
  return wave;
}

function countFrom(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new FarcallError('ROLLOUT_INVALID', `--max-failed: '${text}' is not a number of hosts`);
}
