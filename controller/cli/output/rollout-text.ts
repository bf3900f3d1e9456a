import type { CallRequest, Rollout, WaveSpec, WaveView } from '../../../shared/messages/index.ts';
import { FAILING_OUTCOMES } from '../../../shared/outcome/index.ts';
import { formatWave, limitsText } from '../../../shared/rollout/index.ts';
import { formatDuration, printable } from '../../views/index.ts';

/** How a request goes through its hosts, from its bytes alone, for the person who is to sign it. */
export function renderRollout({ rollout }: CallRequest): string[] {
  if (!rollout) return ['  waves      one, of all hosts at once'];
  return [
    ...rollout.waves.map((wave, index) => waveLine(wave, index + 1, rollout)),
    `  gate       ${gateText(rollout)}`,
    `  answers    within ${formatDuration(rollout.answerWithinMs)}; who is silent then is unreachable`,
  ];
}

/** How many hosts each wave has, which is the controller's word: `1: 2 hosts, 2: 30 hosts`. */
export function waveHosts(waves: readonly WaveView[]): string {
  return waves.map(({ number, hosts }) => `${number}: ${hosts} ${hosts === 1 ? 'host' : 'hosts'}`).join(', ');
}

function waveLine(wave: WaveSpec, number: number, { waves }: Rollout): string {
  const bake = wave.bakeMs > 0 ? `, bakes ${formatDuration(wave.bakeMs)}` : '';
  const waits = wave.manual && number < waves.length ? ', then waits for promotion' : '';
  return `  wave ${String(number).padEnd(6)}${printable(formatWave(wave))}${bake}${waits}`;
}

function gateText({ gate }: Rollout): string {
  const isUsual = [...gate.failing].sort().join() === [...FAILING_OUTCOMES].sort().join();
  const failing = isUsual ? 'failed, unknown or silent' : gate.failing.join(', ') || 'nothing';
  return `${limitsText(gate)} may fail (${failing}${gate.health ? ', or unwell afterwards' : ''})`;
}
