import { beforeEach, describe, expect, it } from 'vitest';
import { groupCommit, receiveResult } from '../../../controller/gather/index.ts';
import { FarcallError } from '../../../shared/errors/index.ts';
import {
  type CallResult,
  callResultCodec,
  type OrderEnvelope,
  resultCommittedCodec,
  resultEnvelopeCodec,
} from '../../../shared/messages/index.ts';
import { sha256 } from '../../../shared/tokens/index.ts';
import { HOSTS, type HostIdentity, hostOf, keyOf } from '../../kit/cast.ts';
import {
  type ControllerParts,
  codeOf,
  controllerParts,
  dispatched,
  introduce,
} from '../../kit/controller-kit.ts';
import { resultFor, signStatement } from '../../kit/host-statements.ts';

interface Sealing {
  readonly signer?: HostIdentity;
  readonly what?: 'result' | 'facts';
  readonly signed?: Uint8Array;
  readonly overrides?: Partial<CallResult>;
}

describe('a result', () => {
  let parts: ControllerParts;
  let id: string;
  let order: OrderEnvelope;
  const { one, two, other } = HOSTS;

  beforeEach(async () => {
    parts = controllerParts();
    await introduce(parts);
    ({ id, order } = await dispatched(parts));
  });

  const seal = async (host: HostIdentity, sealing: Sealing = {}): Promise<Uint8Array> => {
    const { signer = host, what = 'result', overrides = {} } = sealing;
    const result = callResultCodec.encode(resultFor(host.name, order, overrides));
    const bytes = sealing.signed ?? result;
    const signature = await signStatement(signer, { what, bytes, nowMs: parts.clock.nowMs() });
    return resultEnvelopeCodec.encode({ result, signature });
  };
  const sealBytes = async (result: Uint8Array, signer: HostIdentity): Promise<Uint8Array> => {
    const signature = await signStatement(signer, {
      what: 'result',
      bytes: result,
      nowMs: parts.clock.nowMs(),
    });
    return resultEnvelopeCodec.encode({ result, signature });
  };
  const receive = async (bytes: Uint8Array, host = one.name) =>
    resultCommittedCodec.decode(await receiveResult(parts, { host, bytes }));

  it('a result is committed, with the envelope as it came', async () => {
    const envelope = await seal(one);
    const answer = await receive(envelope);
    const { result, signature } = resultEnvelopeCodec.decode(envelope);
    expect(answer).toMatchObject({ committed: true, reason: '' });
    expect(Buffer.from(answer.resultDigest).equals(sha256(result))).toBe(true);
    const { reports } = await parts.reports.page(id, { seq: 0, host: '' }, 10);
    const report = reports.find(({ host }) => host === 'demo-1');
    expect(report?.outcome).toBe('returned');
    expect(report?.result?.signature).toBe(signature);
    expect(Buffer.from(report?.result?.result ?? []).equals(result)).toBe(true);
  });

  it('a result is committed again where it comes again', async () => {
    const envelope = await seal(one);
    expect(await receive(envelope)).toMatchObject({ committed: true });
    expect(await receive(envelope)).toMatchObject({ committed: true });
    expect(await parts.requests.outcomes(id)).toEqual([{ outcome: 'returned', hosts: 1 }]);
  });

  it('a result does not replace the one that is kept', async () => {
    await receive(await seal(one));
    const answer = await receive(await seal(one, { overrides: { outcome: 'faulted' } }));
    expect(answer).toMatchObject({
      committed: false,
      reason: expect.stringMatching(/^CONFLICT: another result/),
    });
  });

  const refused: readonly [string, () => Promise<Uint8Array>, string, string][] = [
    ["signed by another host's key", () => seal(one, { signer: two }), 'demo-1', 'TOKEN_KEY_UNKNOWN'],
    [
      'signed by a key of its own making',
      () => seal(one, { signer: { ...one, key: keyOf('impostor') } }),
      'demo-1',
      'TOKEN_KEY_UNKNOWN',
    ],
    ["in another host's name", () => seal(two), 'demo-1', 'TOKEN_KEY_UNKNOWN'],
    [
      'that names another host than the one that signs it',
      () => seal(one, { overrides: { host: 'demo-2' } }),
      'demo-1',
      'MESSAGE_INVALID',
    ],
    ["on another host's subject", () => seal(one), 'demo-2', 'TOKEN_KEY_UNKNOWN'],
    ['of a host that was not expected', () => seal(other), 'prod-1', 'NOT_SELECTED'],
    ['signed as facts', () => seal(one, { what: 'facts' }), 'demo-1', 'TOKEN_CLAIMS'],
    [
      'whose signature is for other bytes',
      () => seal(one, { signed: Buffer.from('x') }),
      'demo-1',
      'TOKEN_CLAIMS',
    ],
    [
      'for a request that is not there',
      () => seal(one, { overrides: { requestDigest: new Uint8Array(32) } }),
      'demo-1',
      'NOT_FOUND',
    ],
    [
      'to an order that was never made',
      () => seal(one, { overrides: { orderId: 'another-order' } }),
      'demo-1',
      'NOT_FOUND',
    ],
    [
      'of an attempt that was never ordered',
      () => seal(one, { overrides: { attempt: 2 } }),
      'demo-1',
      'NOT_FOUND',
    ],
    [
      'that is stray bytes with a signature',
      async () => resultEnvelopeCodec.encode({ result: Buffer.from('stray'), signature: 'stray' }),
      'demo-1',
      'TOKEN_INVALID',
    ],
    [
      "that cannot be decoded is not decoded before its signature: another host's",
      () => sealBytes(Buffer.from('stray'), two),
      'demo-1',
      'TOKEN_KEY_UNKNOWN',
    ],
    [
      'that cannot be decoded, though its host signed it',
      () => sealBytes(Buffer.from('stray'), one),
      'demo-1',
      'MESSAGE_INVALID',
    ],
  ];
  it.each(refused)('%s is refused with the reason', async (_name, make, host, code) => {
    const answer = await receive(await make(), host);
    expect(answer).toMatchObject({
      committed: false,
      reason: expect.stringMatching(new RegExp(`^${code}: `)),
    });
    expect(parts.counters.all()).toEqual({ [`result.${code}`]: 1 });
    expect(await parts.requests.outcomes(id)).toEqual([]);
  });

  it('a result of a host that is not enrolled is refused', async () => {
    const stranger = hostOf('stranger');
    expect(await receive(await seal(stranger), 'stranger')).toMatchObject({
      committed: false,
      reason: expect.stringContaining('is not enrolled'),
    });
  });

  it('a result is not committed where the store fails, and the host hears that', async () => {
    const outcomes = {
      commitAll: async () => {
        throw new FarcallError('STORE_FAILED', 'the disk is full');
      },
    };
    const commitResult = groupCommit({ outcomes, signCommitted: parts.signCommitted });
    const bytes = await receiveResult({ ...parts, commitResult }, { host: one.name, bytes: await seal(one) });
    expect(resultCommittedCodec.decode(bytes)).toMatchObject({
      committed: false,
      reason: 'STORE_FAILED: the disk is full',
    });
  });

  it('a result that is not even an envelope gets no answer', async () => {
    expect(await codeOf(receiveResult(parts, { host: one.name, bytes: Buffer.from('stray') }))).toBe(
      'MESSAGE_INVALID',
    );
  });
});
