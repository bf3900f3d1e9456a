import pino from 'pino';
import { describe, expect, test } from 'vitest';
import { runOrder } from '../../../agent/run-order/index.ts';
import { type ControllerQuery, moduleSigner, signingMode } from '../../../agent/signing/index.ts';
import { FarcallError } from '../../../shared/errors/index.ts';
import {
  buildFactsCodec,
  type SignReply,
  signEnvelopeCodec,
  signQueryCodec,
  signReplyCodec,
} from '../../../shared/messages/index.ts';
import { sha256 } from '../../../shared/tokens/index.ts';
import { makeModuleKey } from '../../kit/keys/module-key-kit.ts';
import { orderKit } from '../../kit/order-kit.ts';
import { type ContextChanges, orderContext } from '../support/order-context.ts';
import { KERNEL_FACTS } from '../support/stand-in-stages.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const ENFORCED = { ...KERNEL_FACTS, sigEnforce: true };
const FACTS = {
  arch: 'x86_64',
  vermagic: '6.1.0-test SMP mod_unload ',
  types: { btf: new Uint8Array(), ids: [] },
  modules: [],
  symbols: [],
  pointers: [],
};

const NOW_MS = 1_790_000_000_000;
const kit = orderKit(NOW_MS);

describe('how modules are signed', () => {
  test.each([
    [undefined, { sigEnforce: false, lockdown: 'none' }, 'none'],
    [undefined, { sigEnforce: true, lockdown: 'none' }, 'controller'],
    [undefined, { sigEnforce: false, lockdown: 'integrity' }, 'controller'],
    ['none', { sigEnforce: true, lockdown: 'none' }, 'none'],
    ['local', { sigEnforce: false, lockdown: 'none' }, 'local'],
    ['controller', { sigEnforce: false, lockdown: 'none' }, 'controller'],
  ] as const)('policy %s, %j: %s', (moduleSigning, facts, way) => {
    expect(signingMode({ moduleSigning }, facts)).toBe(way);
  });
});

/** A host with an order, whose controllers answer as `answer` says. */
function hostWith(answer: (envelope: Uint8Array) => Promise<Uint8Array>, changes: ContextChanges = {}) {
  const asked: Uint8Array[] = [];
  const loadedWith: (Uint8Array | undefined)[] = [];
  const context = orderContext(kit, NOW_MS, { stages: { facts: () => ENFORCED }, ...changes });
  const { agent } = context;
  agent.stages.recordBuild = program => ({ image: Buffer.from(program), facts: FACTS });
  const { load } = agent.stages;
  agent.stages.load = (call, options) => {
    loadedWith.push(options.signature);
    return load(call, options);
  };
  const query: ControllerQuery = {
    ...agent,
    log: pino({ level: 'silent' }),
    ask: async envelope => {
      asked.push(envelope);
      return answer(envelope);
    },
  };
  agent.signer = moduleSigner(query);
  return { ...context, asked, loadedWith };
}

function replyTo(envelope: Uint8Array, rest: Partial<SignReply>): Uint8Array {
  const { query } = signEnvelopeCodec.decode(envelope);
  const empty = { signature: new Uint8Array(), keyId: '', code: '', reason: '' };
  return signReplyCodec.encode({ ...empty, queryDigest: sha256(query), ...rest });
}

describe('a host that has its controller sign', () => {
  test('a host that has its controller sign sends the facts that it compiled from, and loads the module with the signature', async () => {
    const { envelope } = await kit.order();
    const host = hostWith(async asked =>
      replyTo(asked, { signature: Buffer.from('a signature'), keyId: '00' }),
    );
    await runOrder(envelope, host.agent);
    expect(host.results()).toMatchObject([{ outcome: 'returned' }]);
    expect(host.loadedWith.map(String)).toEqual(['a signature']);
    const query = signQueryCodec.decode(signEnvelopeCodec.decode(host.asked[0]!).query);
    expect(query).toMatchObject({ host: 'web-01', attempt: 1, kernelRelease: '6.1.0-test' });
    expect(buildFactsCodec.decode(query.facts)).toMatchObject({ arch: 'x86_64' });
  });

  test('a host that has its controller sign loads nothing if the controller refuses, and the result says why', async () => {
    const { envelope } = await kit.order();
    const host = hostWith(async asked =>
      replyTo(asked, { code: 'SIGNING_REFUSED', reason: 'no open order' }),
    );
    await runOrder(envelope, host.agent);
    const error = { code: 'SIGNING_REFUSED', message: expect.stringMatching('no open order') };
    expect(host.results()).toMatchObject([{ outcome: 'load-error', error }]);
    expect(host.loaded).toEqual([]);
  });

  test('a host that has its controller sign asks again, and loads nothing, if the reply is to another query or is not a reply', async () => {
    const { envelope } = await kit.order();
    const answers = [
      async (asked: Uint8Array) =>
        replyTo(asked, { queryDigest: new Uint8Array(32), signature: Buffer.from('x') }),
      async () => Buffer.from('none'),
      async () => {
        throw new FarcallError('UNREACHABLE', 'nobody is there');
      },
    ];
    let turn = 0;
    const host = hostWith(asked => answers[turn++]!(asked));
    await runOrder(envelope, host.agent);
    expect(host.asked).toHaveLength(3);
    expect(host.results()).toMatchObject([{ outcome: 'load-error', error: { code: 'SIGNING_UNAVAILABLE' } }]);
    expect(host.loaded).toEqual([]);
  });

  test('a host that has its controller sign loads nothing if the signature takes longer than the request lives', async () => {
    const { envelope } = await kit.order();
    const host = hostWith(async asked => {
      host.clock.now += 10 * 24 * 3_600_000;
      return replyTo(asked, { signature: Buffer.from('late') });
    });
    await runOrder(envelope, host.agent);
    expect(host.results()).toMatchObject([{ outcome: 'refused', error: { code: 'REQUEST_EXPIRED' } }]);
    expect(host.loaded).toEqual([]);
  });
});

describe('a host with a key of its own', () => {
  test('a host with a key of its own signs with that key, and asks no controller', async () => {
    const { envelope } = await kit.order();
    const moduleKey = makeModuleKey(temporaryDirectory(), 'local', 'p-256');
    const host = hostWith(async () => new Uint8Array(), { policy: { moduleSigning: 'local', moduleKey } });
    await runOrder(envelope, host.agent);
    expect(host.results()).toMatchObject([{ outcome: 'returned' }]);
    expect(host.loadedWith[0]?.length).toBeGreaterThan(100);
    expect(host.asked).toEqual([]);
  });

  test('a host with a key of its own reports a key that is missing, and loads nothing', async () => {
    const { envelope } = await kit.order();
    const moduleKey = { key: '/nowhere/key', certificateFile: '/nowhere/pem' };
    const host = hostWith(async () => new Uint8Array(), { policy: { moduleSigning: 'local', moduleKey } });
    await runOrder(envelope, host.agent);
    expect(host.results()).toMatchObject([{ outcome: 'load-error', error: { code: 'SIGNING_UNAVAILABLE' } }]);
    expect(host.loaded).toEqual([]);
  });
});

test('a policy without signing loads unsigned, whatever the kernel says', async () => {
  const { envelope } = await kit.order();
  const host = hostWith(async () => new Uint8Array(), { policy: { moduleSigning: 'none' } });
  await runOrder(envelope, host.agent);
  expect(host.loadedWith).toEqual([undefined]);
  expect(host.asked).toEqual([]);
});
