import type { CallRequest, OutcomeCount, RequestView, WaveView } from '../../../shared/messages/index.ts';
import { FINAL_STATES } from '../../../shared/messages/index.ts';
import { formatTime, hostCount, printable, sumOf } from '../../views/index.ts';
import { wrapValue } from './wrap.ts';

/** The waves of a request as the controller reports them, and the signed gate that stops them. */
export interface WavesOf {
  readonly view: Pick<RequestView, 'rollout' | 'state' | 'expectedHosts' | 'outcomes'>;
  readonly request: Pick<CallRequest, 'rollout'>;
}

/** The waves of a request. A request without waves counts as one wave of all hosts. */
export function wavesOf({ rollout, state, expectedHosts, outcomes }: WavesOf['view']): readonly WaveView[] {
  if (rollout && rollout.waves.length > 0) return rollout.waves;
  const isOver = FINAL_STATES.includes(state);
  const isOrdered = state === 'dispatched' || state === 'aborting';
  const hosts = expectedHosts;
  return [
    {
      ...{ number: 1, hosts, outcomes: [...outcomes], failed: 0, unhealthy: 0 },
      state: isOver ? 'passed' : isOrdered ? 'running' : 'pending',
    },
  ];
}

/** The length of a bar in a wide window and in a narrow one. */
const BAR_CHARS = { wide: 20, narrow: 10 };
const NARROW_COLUMNS = 120;

/** Below this width, the counts stand without a bar. */
const BARELESS_COLUMNS = 80;

/**
 * Each wave, and the reason if the rollout halted. What does not fit into `width` goes on in a further line.
 */
export function renderWaves({ view, request }: WavesOf, width: number): string[] {
  const waves = wavesOf(view);
  const widest = String(Math.max(...waves.map(({ hosts }) => hosts))).length;
  const lines = waves.map(wave => {
    const done = sumOf(wave.outcomes);
    return [
      `wave ${String(wave.number).padStart(String(waves.length).length)}/${waves.length}`,
      wave.state.padEnd(7),
      width < BARELESS_COLUMNS
        ? ''
        : bar(done, wave.hosts, width < NARROW_COLUMNS ? BAR_CHARS.narrow : BAR_CHARS.wide),
      `${String(done).padStart(widest)} of ${String(wave.hosts).padStart(widest)}`,
      failuresText(wave, request.rollout?.gate),
      outcomesList(wave.outcomes),
      timesText(wave),
    ]
      .filter(part => part !== '')
      .join('  ');
  });
  return [...lines, ...haltText(view.rollout)].flatMap(line => wrapValue(line, { columns: width, hang: 2 }));
}

function bar(done: number, hosts: number, chars: number): string {
  const full = hosts === 0 ? chars : Math.floor((done * chars) / hosts);
  return `[${'#'.repeat(full)}${'-'.repeat(chars - full)}]`;
}

function outcomesList(outcomes: readonly OutcomeCount[]): string {
  return outcomes.map(({ outcome, hosts }) => `${hosts} ${outcome}`).join(', ');
}

type Gate = NonNullable<CallRequest['rollout']>['gate'];

/** How many hosts failed, which the controller reports, and how many may fail, which is signed. */
function failuresText({ state, failed, unhealthy, hosts }: WaveView, gate: Gate | undefined): string {
  if (!gate || state === 'pending') return '';
  const unhealthyText = unhealthy > 0 ? `, ${unhealthy} unhealthy` : '';
  return `failed ${failed} (max ${gateLimit(gate, hosts)})${unhealthyText}`;
}

/** How many hosts of a wave may fail: the lower one of both limits. */
function gateLimit({ maxFailedHosts, maxFailedPermille }: Gate, hosts: number): number {
  return Math.min(maxFailedHosts, Math.floor((hosts * maxFailedPermille) / 1000));
}

function timesText({ state, bakeUntilMs, answerByMs }: WaveView): string {
  if (state === 'baking' && bakeUntilMs !== undefined) return `baking until ${formatTime(bakeUntilMs)}`;
  if (state === 'running' && answerByMs !== undefined) return `answers until ${formatTime(answerByMs)}`;
  return '';
}

function haltText(rollout: RequestView['rollout']): string[] {
  if (!rollout) return [];
  const { state, reason, attempt } = rollout;
  const attemptText = attempt > 1 ? `, attempt ${attempt}` : '';
  return [`rollout ${state}${attemptText}${reason === '' ? '' : `: ${printable(reason)}`}`];
}

/** `wave 2 (50 hosts)`. */
export function waveName({ number, hosts }: WaveView): string {
  return `wave ${number} (${hostCount(hosts)})`;
}
