import type { CallRequest, Rollout, WaveSpec, WaveView } from '../../../shared/messages/index.ts';
import { FAILING_OUTCOMES } from '../../../shared/outcome/index.ts';
import { formatWave, idleText, limitsText } from '../../../shared/rollout/index.ts';
import { formatDuration, printable } from '../../views/index.ts';

/** The rollout of a request for the person who may sign it, from its bytes alone. */
export function renderRollout({ rollout }: CallRequest): string[] {
  if (!rollout) return ['  waves      one wave with all hosts'];
  return [
    ...rollout.waves.map((wave, index) => waveLine(wave, index + 1, rollout)),
    `  gate       ${gateText(rollout)}`,
    `             ${idleText(rollout.gate)}`,
    `  answers    within ${formatDuration(rollout.answerWithinMs)}; a host that is silent until then counts as unreachable`,
  ];
}

/** How many hosts each wave has, as the controller reports it: `1: 2 hosts, 2: 30 hosts`. */
export function waveHosts(waves: readonly WaveView[]): string {
  return waves.map(({ number, hosts }) => `${number}: ${hosts} ${hosts === 1 ? 'host' : 'hosts'}`).join(', ');
}

function waveLine(wave: WaveSpec, number: number, { waves }: Rollout): string {
  const bake = wave.bakeMs > 0 ? `, bakes for ${formatDuration(wave.bakeMs)}` : '';
  const waits = wave.manual && number < waves.length ? ', then waits for promotion' : '';
  return `  wave ${String(number).padEnd(6)}${printable(formatWave(wave))}${bake}${waits}`;
}

/** {@link FAILING_OUTCOMES} by what is not among them, which is shorter. */
const EVERY_FAILURE = 'any outcome except returned, skipped and not-applicable';

function gateText({ gate }: Rollout): string {
  const isDefault = [...gate.failing].sort().join() === [...FAILING_OUTCOMES].sort().join();
  const failing = isDefault ? EVERY_FAILURE : gate.failing.join(', ') || 'nothing';
  return `${limitsText(gate)} may fail (${failing}${gate.health ? ', or unhealthy afterwards' : ''})`;
}
