import type { RequestStatusJson, WaveView } from '../../api/index.ts';

/** The wave that a promotion orders: the first that has not begun. Undefined if every wave has. */
export function nextWave({ rollout }: RequestStatusJson): WaveView | undefined {
  return rollout?.waves.find(({ state }) => state === 'pending');
}
