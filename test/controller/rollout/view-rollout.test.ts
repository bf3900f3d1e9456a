import { expect, test } from 'vitest';
import { viewRequest } from '../../../controller/requests/index.ts';
import { viewRollout } from '../../../controller/rollout/index.ts';
import { plainRollout } from '../../../shared/rollout/index.ts';
import { controllerParts, DRAFT, dispatched, introduce } from '../../kit/controller-kit.ts';

test('a request without waves is shown to take answers until it is over, not a day longer', async () => {
  const parts = controllerParts();
  await introduce(parts);
  const { id } = await dispatched(parts);
  const record = await parts.requests.get(id);
  const { rollout } = await viewRequest(parts, record);
  const [wave] = rollout!.waves;
  expect(wave!.answerByMs).toBe(record.settleAtMs);
  expect(record.settleAtMs).toBeLessThan(record.expiresAtMs + DRAFT.timeoutMs + 60_000);
});

test('a wave whose time to answer ends before its request is shown with its own', async () => {
  const parts = controllerParts();
  await introduce(parts);
  const { id } = await dispatched(parts);
  const record = await parts.rollouts.find(id);
  const waves = record.waves.map(wave => ({ ...wave, answerByMs: 5000 }));
  const view = viewRollout({ ...record, waves }, { spec: plainRollout(1), overAtMs: 9000 });
  expect(view.waves.map(({ answerByMs }) => answerByMs)).toEqual([5000]);
});
