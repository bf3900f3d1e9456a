import { beforeEach, describe, expect, it } from 'vitest';
import { receiveHello, receiveResult } from '../../../controller/gather/index.ts';
import { factsHealth } from '../../../controller/rollout/index.ts';
import { type CallHealth, callResultCodec, resultEnvelopeCodec } from '../../../shared/messages/index.ts';
import {
  type ControllerParts,
  controllerParts,
  dispatched,
  HOSTS,
  introduce,
} from '../../kit/controller-kit.ts';
import { factsOf, helloOf, resultFor, signStatement } from '../../kit/host-statements.ts';

const { one } = HOSTS;
const { bootId } = factsOf(one);
const WELL: CallHealth = { bootId, taintBefore: 0, taintAfter: 0 };
const OUR_MODULE = (1 << 12) | (1 << 13);
const DIE = 1 << 7;

describe('the health of hosts by their facts', () => {
  let parts: ControllerParts;

  beforeEach(async () => {
    parts = controllerParts();
    await introduce(parts);
  });

  /** What is found after a call with this health and, if any, a later hello. */
  const found = async (health: CallHealth | undefined, later?: { taint?: number; bootId?: string }) => {
    const { id, order } = await dispatched(parts);
    const nowMs = parts.clock.nowMs();
    const result = callResultCodec.encode(resultFor(one.name, order, health ? { health } : {}));
    const signature = await signStatement(one, { what: 'result', bytes: result, nowMs });
    await receiveResult(parts, { host: one.name, bytes: resultEnvelopeCodec.encode({ result, signature }) });
    parts.clock.advance(5000);
    const hello = later && (await helloOf(one, parts.clock.nowMs(), later));
    if (hello) await receiveHello(parts, { host: one.name, bytes: hello });
    return [...(await factsHealth(parts.callHealth).unhealthyOf(id, 1))];
  };

  it('is good where nothing changed, or nothing is known', async () => {
    expect(await found(WELL)).toEqual([]);
    expect(await found(undefined, { taint: DIE })).toEqual([]);
  });

  it('is good where only our own module has tainted the kernel', async () => {
    expect(await found({ ...WELL, taintAfter: OUR_MODULE }, { taint: OUR_MODULE })).toEqual([]);
    expect(await found({ ...WELL, taintBefore: DIE, taintAfter: DIE }, { taint: DIE })).toEqual([]);
  });

  it('is bad where the kernel died or warned, in the call or after it', async () => {
    const dead = [[one.name, `the kernel is tainted by ${DIE} since the call`]];
    expect(await found({ ...WELL, taintAfter: DIE })).toEqual(dead);
    expect(await found(WELL, { taint: DIE })).toEqual(dead);
  });

  it('is bad where the host was started anew', async () => {
    const bootOf = { bootId: '00000000-0000-4000-8000-000000000001' };
    expect(await found(WELL, bootOf)).toEqual([[one.name, 'it was started anew since the call']]);
  });
});
