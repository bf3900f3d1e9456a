import type { RequestView, RolloutState, WaveView } from '../../../../shared/messages/index.ts';
import type { Outcome } from '../../../../shared/outcome/index.ts';
import { hostCount, type ReadRequest, sumOf } from '../../../views/index.ts';
import { waveName, wavesOf } from '../../output/index.ts';

/** The consequences of an action, for the operator who must confirm it. */
export interface Preview {
  readonly lines: readonly string[];
  /** How many hosts get an order after a yes, without another confirmation. */
  readonly hosts: number;
  /** Why nobody needs to be asked: the controller would refuse it in the rollout's present state. */
  readonly impossible?: string | undefined;
}

/** The number of the newest wave that was ordered. 0 if none was. */
export function newestWave(view: RequestView): number {
  const begun = wavesOf(view).filter(({ state }) => state !== 'pending');
  return begun.at(-1)?.number ?? 0;
}

/** What goes on after a resume, and whether a person will be asked again, as the signed request says. */
export function resumePreview(read: ReadRequest): Preview {
  const { view, request } = read;
  const impossible = unlessIn(read, ['paused', 'stopped'], 'there is nothing to resume');
  const open = wavesOf(view).find(
    ({ state }) => state === 'running' || state === 'baking' || state === 'failed',
  );
  const gate = view.rollout?.state === 'stopped' ? ['It goes on only if its gate passes now.'] : [];
  const later = hostsUntilPromotion(read);
  if (open)
    return { lines: [`To go on: ${waveName(open)}.`, ...gate], hosts: open.hosts + later, impossible };
  const isManual = request.rollout?.waves[newestWave(view) - 1]?.manual === true;
  const waits = isManual ? ['Before that, it waits for farcall promote.'] : [];
  return { lines: [...nextWavePreview(read), ...waits], hosts: isManual ? 0 : later, impossible };
}

/** What a promotion starts. */
export function promotePreview(read: ReadRequest): Preview {
  const impossible = unlessIn(read, ['awaiting-promotion'], 'no wave waits for promotion');
  return { lines: nextWavePreview(read), hosts: hostsUntilPromotion(read), impossible };
}

function unlessIn(
  { view, request }: ReadRequest,
  states: readonly RolloutState[],
  what: string,
): string | undefined {
  const state = view.rollout?.state;
  if (state === undefined || states.includes(state)) return undefined;
  return `request ${request.id} is ${state}; ${what}`;
}

/** The next wave and those after it. Each of these begins by itself, unless the wave before it is manual. */
function nextWavePreview({ view }: ReadRequest): string[] {
  const waves = wavesOf(view);
  const [next, ...later] = waves.filter(({ state }) => state === 'pending');
  if (!next) return ['No wave is left. Nothing more is ordered.'];
  const others = later.reduce((sum, { hosts }) => sum + hosts, 0);
  const count = `${later.length} ${later.length === 1 ? 'wave' : 'waves'} (${hostCount(others)})`;
  const after = later.length > 0 ? `; ${count} ${later.length === 1 ? 'follows' : 'follow'}` : '';
  return [`To begin: ${waveName(next)} of ${waves.length}${after}.`];
}

/**
 * The hosts of the waves that will begin by themselves, up to the first wave after which a person must
 * promote.
 */
function hostsUntilPromotion({ view, request }: ReadRequest): number {
  let hosts = 0;
  for (const wave of wavesOf(view)) {
    if (wave.state !== 'pending') continue;
    hosts += wave.hosts;
    if (request.rollout?.waves[wave.number - 1]?.manual) break;
  }
  return hosts;
}

/** The hosts of a retry, by wave. Each host decides by its own journal. */
export function retryPreview({ view, request }: ReadRequest, only: readonly Outcome[]): Preview {
  const affected = (wave: WaveView): number =>
    sumOf(wave.outcomes.filter(({ outcome }) => only.includes(outcome)));
  const waves = wavesOf(view).filter(wave => affected(wave) > 0);
  const hosts = waves.reduce((sum, wave) => sum + affected(wave), 0);
  const lines = [
    `${hostCount(hosts)} that ended as ${only.join(' or ')} try again:`,
    ...waves.map(wave => `  ${affected(wave)} of ${waveName(wave)}`),
    'A host runs the program only if its own journal shows that nothing ran before.',
    'Otherwise it sends its result again.',
  ];
  const none = `no host of request ${request.id} ended as ${only.join(' or ')}`;
  return { lines, hosts, impossible: hosts === 0 ? none : undefined };
}
