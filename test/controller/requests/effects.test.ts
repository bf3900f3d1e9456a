import { beforeEach, describe, expect, it } from 'vitest';
import { submitApproval } from '../../../controller/approval/index.ts';
import { createRequest, prepareRequest } from '../../../controller/requests/index.ts';
import { type CallDraft, type CallRequest, callRequestCodec } from '../../../shared/messages/index.ts';
import { sha256 } from '../../../shared/tokens/index.ts';
import {
  approvalBy,
  type ControllerParts,
  codeOf,
  controllerParts,
  DRAFT,
  introduce,
} from '../../kit/controller-kit.ts';
import { requestTokenOf } from '../../kit/decisions.ts';
import { packTypes, smallTypes } from '../../kit/kernel-types-kit.ts';

/** The kernel of which all hosts of the kit say that they run it. */
const BUILD = { release: '6.12.48+deb13-amd64', version: '', arch: 'x86_64' };
const READ = 'sizeof(struct task_struct)';
const CALL = 'wake_up_process(get_task())';
const WRITE = 'get_task()->pid = 3';

describe('the effect of a request', () => {
  let parts: ControllerParts;

  beforeEach(async () => {
    parts = controllerParts();
    await introduce(parts);
  });

  /** From now on the controller knows the kernel of the hosts. */
  async function learnKernel(packed = packTypes(smallTypes(BUILD))): Promise<void> {
    const about = { digest: sha256(packed), functions: 7, host: 'web-1' };
    await parts.kernelTypes.keep({ ...BUILD, ...about, packed });
  }
  async function prepared(draft: Partial<CallDraft>): Promise<CallRequest> {
    const { effect: _effect, ...rest } = DRAFT;
    return callRequestCodec.decode((await prepareRequest(parts, 'alice', { ...rest, ...draft })).request);
  }
  /** Hands in a request that its requester made by themselves, without the controller. */
  async function handedIn(program: string, effect: CallRequest['effect']): Promise<string> {
    const request = callRequestCodec.decode((await prepareRequest(parts, 'alice', DRAFT)).request);
    const bytes = callRequestCodec.encode({ ...request, program, effect });
    const token = await requestTokenOf('alice', bytes, { nowMs: parts.clock.nowMs() });
    return createRequest(parts, { bytes, token, submittedBy: 'alice' });
  }

  it('a request that compiles on no known kernel is prepared with the reasons, and one that does without', async () => {
    const { effect: _effect, ...rest } = DRAFT;
    const unknown = await prepareRequest(parts, 'alice', { ...rest, program: 'no_such_function()' });
    expect(unknown.problems).toEqual([]);
    await learnKernel();
    const { problems } = await prepareRequest(parts, 'alice', { ...rest, program: 'no_such_function()' });
    expect(problems).toEqual([
      {
        kernel: expect.stringContaining(BUILD.release),
        message: expect.stringContaining('no_such_function'),
      },
    ]);
    expect((await prepareRequest(parts, 'alice', { ...rest, program: READ })).problems).toEqual([]);
  });

  it.each([
    ['deny (get_int, 0) for_days (1);', 'deny'],
    ['#define UNLESS(c) deny (get_int, 0) for_days (1) while (!(c));\nUNLESS(1)', 'deny'],
    ['int n = sizeof("deny"); /* deny */ n', 'call'],
    ['deny (', 'deny'],
    ['\u0007', 'call'],
  ] as const)(
    'the request of %j declares %s where no kernel is known and nobody says',
    async (program, effect) => {
      expect((await prepared({ program })).effect).toBe(effect);
    },
  );

  it.each([
    [READ, 'read'],
    [CALL, 'call'],
    [WRITE, 'write'],
  ] as const)(
    'the request of %s declares what the program does if nobody says: %s',
    async (program, effect) => {
      await learnKernel();
      expect((await prepared({ program })).effect).toBe(effect);
    },
  );

  it.each([
    [CALL, 'read', 'call'],
    [WRITE, 'read', 'write'],
    [WRITE, 'call', 'write'],
    [READ, 'write', 'write'],
  ] as const)(
    'what the requester of %s says, %s, only ever raises the effect: %s',
    async (program, effect, declared) => {
      await learnKernel();
      expect((await prepared({ program, effect })).effect).toBe(declared);
    },
  );

  it('a request declares a call if nobody says and no kernel is known', async () => {
    expect((await prepared({ program: WRITE })).effect).toBe('call');
    expect((await prepared({ program: WRITE, effect: 'read' })).effect).toBe('read');
  });

  it('a request of a program that compiles on no known kernel declares what its requester says', async () => {
    await learnKernel();
    expect((await prepared({ program: 'nobody_knows()', effect: 'write' })).effect).toBe('write');
  });

  it.each([
    [CALL, 'read'],
    [WRITE, 'read'],
    [WRITE, 'call'],
  ] as const)('a request of %s that declares a %s is refused', async (program, effect) => {
    await learnKernel();
    expect(await codeOf(handedIn(program, effect))).toBe('EFFECT_EXCEEDED');
  });

  it('an approval is refused if the request turns out to do more than it declares', async () => {
    const id = await handedIn(WRITE, 'call');
    await learnKernel();
    const approve = async () =>
      submitApproval(parts, {
        requestId: id,
        token: await approvalBy(parts, 'bob', id),
        submittedBy: 'bob',
      });
    await expect(approve()).rejects.toMatchObject({
      code: 'EFFECT_EXCEEDED',
      message: `on ${BUILD.release} x86_64 the effect of request ${id} is write, but it declares call; ask again with --effect write`,
    });
    expect(await parts.approvals.of(id)).toEqual([]);
  });

  it('a rejection of a request that does more than it declares counts', async () => {
    const id = await handedIn(WRITE, 'call');
    await learnKernel();
    const token = await approvalBy(parts, 'bob', id, { decision: 'reject' });
    await submitApproval(parts, { requestId: id, token, submittedBy: 'bob' });
    expect(await parts.approvals.of(id)).toMatchObject([{ decision: 'reject' }]);
  });

  it('a request that calls through pointers and does not declare it is refused', async () => {
    const derived = [{ kernel: 'a kernel', effect: 'call', indirectCalls: true }] as const;
    const deps = { ...parts, deriveEffects: async () => ({ effects: derived, problems: [] }) };
    expect(await codeOf(prepareRequest(deps, 'alice', DRAFT))).toBe('EFFECT_EXCEEDED');
    const { request: bytes } = await prepareRequest(deps, 'alice', { ...DRAFT, indirectCalls: true });
    expect(callRequestCodec.decode(bytes)).toMatchObject({ effect: 'call', indirectCalls: true });
  });

  it('types of a kernel that cannot be read stop no request', async () => {
    await learnKernel(Buffer.from('no types'));
    expect((await prepared({ program: WRITE, effect: 'read' })).effect).toBe('read');
  });
});
