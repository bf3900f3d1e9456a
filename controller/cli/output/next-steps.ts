import { RETRYABLE_OUTCOMES } from '../../../shared/outcome/index.ts';
import { hostCount, type ReadRequest } from '../../views/index.ts';
import { waveName, wavesOf } from './waves.ts';

/**
 * What people can do about a request that does not go on by itself, a command in each line. Empty for one
 * that goes on, or is over.
 */
export function nextSteps({ view, request: { id } }: ReadRequest): string[] {
  const { state, rollout, approvers, threshold } = view;
  const abort = `  farcall abort ${id} --reason …    ends it`;
  if (state === 'pending')
    return [
      `It waits for approvals: ${approvers.length} of ${threshold}.`,
      `  farcall approve ${id}    signs it`,
      `  farcall watch ${id} --until done    waits for approvals too`,
      abort,
    ];
  if (state === 'rejected')
    return [
      'An approver rejected it.',
      `  farcall withdraw ${id}    takes that back, by who rejected it`,
      abort,
    ];
  if (state !== 'dispatched') return [];
  if (rollout?.state === 'paused')
    return ['It is paused.', `  farcall resume ${id} --reason …    continues it`, abort];
  if (rollout?.state === 'awaiting-promotion') {
    const next = wavesOf(view).find(wave => wave.state === 'pending');
    const wave = next ? ` starts ${waveName(next)}` : ' ends it';
    return ['A wave waits for promotion.', `  farcall promote ${id} --reason …   ${wave}`, abort];
  }
  return rollout?.state === 'stopped' ? [...afterStop(view, id), abort] : [];
}

/** A gate that failed passes only after a retry of hosts on which nothing ran. */
function afterStop({ outcomes }: ReadRequest['view'], id: string): string[] {
  const again = outcomes.filter(({ outcome }) => RETRYABLE_OUTCOMES.includes(outcome));
  if (again.length === 0) return ['Its gate stopped it, and no host can try again.'];
  const only = again.map(({ outcome }) => outcome).join(',');
  const hosts = again.reduce((sum, each) => sum + each.hosts, 0);
  return [
    'Its gate stopped it.',
    `  farcall retry ${id} --only ${only} --reason …    tries again on ${hostCount(hosts)}`,
    `  farcall resume ${id} --reason …    continues it, once the gate passes`,
  ];
}
