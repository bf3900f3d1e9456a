import { join } from 'node:path';
import { publishOrders } from '../../../../controller/dispatch/index.ts';
import { REPORTS_START } from '../../../../controller/store/index.ts';
import { type OrderEnvelope, orderEnvelopeCodec, type Rollout } from '../../../../shared/messages/index.ts';
import { gateOf } from '../../../../shared/rollout/index.ts';
import { BUNDLE, HOSTS } from '../../../kit/cast.ts';
import {
  act,
  type ControllerParts,
  controllerParts,
  DRAFT,
  dispatched,
  drivingOn,
  introduce,
} from '../../../kit/controller-kit.ts';
import { answer, makerOn, publishBundle } from './audited-store.ts';

/** A store with rollouts in which everything happened that can. */
export interface RolloutStoreFile {
  readonly file: string;
  readonly checkpointFile: string;
  /** Its second wave failed. */
  readonly stopped: string;
  /** Done, with a host that was unwell afterwards. */
  readonly unwell: string;
}

/** Makes {@link RolloutStoreFile} in `folder` by the controller's own code. */
export async function makeRolloutStore(folder: string): Promise<RolloutStoreFile> {
  const file = join(folder, 'rollouts.db');
  const checkpointFile = join(folder, 'rollouts.checkpoints');
  const parts = controllerParts(BUNDLE, file);
  const maker = await makerOn(parts, checkpointFile);
  await publishBundle(parts, BUNDLE);
  await introduce(parts);
  const stopped = await goInWaves(parts);
  const unwell = await goUnwell(parts);
  parts.clock.advance(1000);
  await maker.make();
  await parts.store.close();
  return { file, checkpointFile, stopped, unwell };
}

const BAKED = { bakeMs: 1000, manual: true };

/** A request in two waves: silence, a failed gate, retries, a pause, a promotion, and silence again. */
async function goInWaves(parts: ControllerParts): Promise<string> {
  const { one, two } = HOSTS;
  const rollout: Rollout = {
    waves: [
      { size: '1', ...BAKED },
      { size: 'rest', ...BAKED },
    ],
    gate: gateOf({ maxFailedPermille: 500 }),
    answerWithinMs: 5000,
  };
  const { id, order } = await dispatched(parts, { ...DRAFT, rollout });
  const { reports } = await parts.reports.page(id, REPORTS_START, 10);
  const early = reports.find(({ wave }) => wave === 1)?.host === one.name ? one : two;
  await goOn(parts, id, 6000);
  await act(parts, 'bob', { id, action: 'retry', only: ['unreachable'] });
  await goOn(parts, id, 10);
  await answer(parts, early, order, { outcome: 'load-error', value: undefined });
  await act(parts, 'bob', { id, action: 'retry', only: ['load-error'] });
  await answer(parts, early, await goOn(parts, id, 10), { attempt: 3 });
  await act(parts, 'bob', { id, action: 'resume' });
  await goOn(parts, id, 10);
  await act(parts, 'bob', { id, action: 'pause', wave: 0 });
  await goOn(parts, id, 10);
  await act(parts, 'bob', { id, action: 'resume' });
  await goOn(parts, id, 2000);
  await act(parts, 'bob', { id, action: 'promote', wave: 1 });
  await goOn(parts, id, 10);
  await goOn(parts, id, 6000);
  return id;
}

/** A request of one wave in which a host is unwell after the call. */
async function goUnwell(parts: ControllerParts): Promise<string> {
  const { one, two } = HOSTS;
  const rollout: Rollout = {
    waves: [{ size: 'rest', ...BAKED }],
    gate: gateOf({ maxFailedHosts: 1 }),
    answerWithinMs: 5000,
  };
  const { id, order } = await dispatched(parts, { ...DRAFT, rollout });
  await answer(parts, one, order);
  await answer(parts, two, order);
  await goOn(parts, id, 10);
  parts.clock.advance(2000);
  const health = { unhealthyOf: async () => new Map([[one.name, 'it was rebooted']]) };
  await drivingOn({ ...parts, health })(id);
  return id;
}

/** Time passes, the driver drives, and what it ordered goes out; the newest order of all. */
async function goOn(parts: ControllerParts, id: string, byMs: number): Promise<OrderEnvelope> {
  parts.clock.advance(byMs);
  await parts.drive(id);
  await publishOrders(parts);
  return orderEnvelopeCodec.decode(parts.bus.published.at(-1)?.bytes ?? new Uint8Array());
}
