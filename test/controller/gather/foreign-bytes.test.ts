import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { answerOrdersQuery, receiveHello, receiveResult } from '../../../controller/gather/index.ts';
import { FarcallError } from '../../../shared/errors/index.ts';
import { resultCommittedCodec } from '../../../shared/messages/index.ts';
import { HOSTS } from '../../kit/cast.ts';
import { type ControllerParts, controllerParts, dispatched, introduce } from '../../kit/controller-kit.ts';
import { helloOf } from '../../kit/host-statements.ts';

describe('foreign bytes on the subjects of hosts', () => {
  let parts: ControllerParts;
  let id: string;

  beforeAll(async () => {
    parts = controllerParts();
    await introduce(parts);
    ({ id } = await dispatched(parts));
  });

  const host = HOSTS.one.name;

  it('foreign bytes on the subjects of hosts are refused as a hello', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async bytes => {
        await expect(receiveHello(parts, { host, bytes })).rejects.toBeInstanceOf(FarcallError);
      }),
    );
  });

  it('foreign bytes on the subjects of hosts are refused as a hello that was damaged on its way', async () => {
    const hello = await helloOf(HOSTS.one, parts.clock.nowMs(), { kernelRelease: 'changed' });
    const damage = fc.record({ at: fc.nat(hello.length - 1), xor: fc.integer({ min: 1, max: 255 }) });
    await fc.assert(
      fc.asyncProperty(damage, async ({ at, xor }) => {
        const bytes = hello.map((byte, index) => (index === at ? byte ^ xor : byte));
        await expect(receiveHello(parts, { host, bytes })).rejects.toBeInstanceOf(FarcallError);
      }),
    );
    expect(await parts.hosts.all()).toHaveLength(3);
  });

  it('foreign bytes on the subjects of hosts are refused or answered with a reason as a result', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async bytes => {
        try {
          const answer = resultCommittedCodec.decode(await receiveResult(parts, { host, bytes }));
          expect(answer.committed).toBe(false);
        } catch (error) {
          expect(error).toBeInstanceOf(FarcallError);
        }
      }),
    );
    expect(await parts.requests.outcomes(id)).toEqual([]);
  });

  it('foreign bytes on the subjects of hosts are refused as a query', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 100 }), async bytes => {
        await expect(answerOrdersQuery(parts, { host, bytes })).rejects.toBeInstanceOf(FarcallError);
      }),
    );
  });
});
