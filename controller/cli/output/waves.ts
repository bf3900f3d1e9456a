import type { CallRequest, OutcomeCount, RequestView, WaveView } from '../../../shared/messages/index.ts';
import { FINAL_STATES } from '../../../shared/messages/index.ts';
import { formatTime, hostCount, printable, sumOf } from '../../views/index.ts';
import { cut } from './text-width.ts';

/** What the controller says about the waves of a request, and the signed limits at which they stop. */
export interface WavesOf {
  readonly view: Pick<RequestView, 'rollout' | 'state' | 'expectedHosts' | 'outcomes'>;
  readonly request: Pick<CallRequest, 'rollout'>;
}

/** The waves of a request; one of all hosts where it says nothing of waves. */
export function wavesOf({ rollout, state, expectedHosts, outcomes }: WavesOf['view']): readonly WaveView[] {
  if (rollout && rollout.waves.length > 0) return rollout.waves;
  const isOver = FINAL_STATES.includes(state);
  const isOut = state === 'dispatched' || state === 'aborting';
  const hosts = expectedHosts;
  return [
    {
      ...{ number: 1, hosts, outcomes: [...outcomes], failed: 0, unhealthy: 0 },
      state: isOver ? 'passed' : isOut ? 'running' : 'pending',
    },
  ];
}

/** A bar in a wide window, and in one that has little room beside it. */
const BAR_CHARS = { wide: 20, narrow: 10 };
const NARROW_COLUMNS = 120;

/** A line for each wave, none wider than `width`, and one about why it halted. */
export function renderWaves({ view, request }: WavesOf, width: number): string[] {
  const waves = wavesOf(view);
  const widest = String(Math.max(...waves.map(({ hosts }) => hosts))).length;
  const lines = waves.map(wave => {
    const done = sumOf(wave.outcomes);
    return [
      `wave ${String(wave.number).padStart(String(waves.length).length)}/${waves.length}`,
      wave.state.padEnd(7),
      bar(done, wave.hosts, width < NARROW_COLUMNS ? BAR_CHARS.narrow : BAR_CHARS.wide),
      `${String(done).padStart(widest)} of ${String(wave.hosts).padStart(widest)}`,
      failuresText(wave, request.rollout?.gate),
      outcomesList(wave.outcomes),
      timesText(wave),
    ]
      .filter(part => part !== '')
      .join('  ');
  });
  return [...lines, ...haltText(view.rollout)].map(line => cut(line, width));
}

function bar(done: number, hosts: number, chars: number): string {
  const full = hosts === 0 ? chars : Math.floor((done * chars) / hosts);
  return `[${'#'.repeat(full)}${'-'.repeat(chars - full)}]`;
}

function outcomesList(outcomes: readonly OutcomeCount[]): string {
  return outcomes.map(({ outcome, hosts }) => `${hosts} ${outcome}`).join(', ');
}

type Gate = NonNullable<CallRequest['rollout']>['gate'];

/** How many count as failed, and how many the gate lets pass: its limits are signed, the count is the controller's. */
function failuresText({ state, failed, unhealthy, hosts }: WaveView, gate: Gate | undefined): string {
  if (!gate || state === 'pending') return '';
  const unwell = unhealthy > 0 ? `, ${unhealthy} unhealthy` : '';
  return `failed ${failed} (max ${gateLimit(gate, hosts)})${unwell}`;
}

/** Most hosts of a wave that may fail: whichever limit is lower. */
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
  const tries = attempt > 1 ? `, attempt ${attempt}` : '';
  return [`rollout ${state}${tries}${reason === '' ? '' : `: ${printable(reason)}`}`];
}

/** `wave 2 (50 hosts)`. */
export function waveName({ number, hosts }: WaveView): string {
  return `wave ${number} (${hostCount(hosts)})`;
}
