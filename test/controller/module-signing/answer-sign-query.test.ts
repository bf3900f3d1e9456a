import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { submitAbort } from '../../../controller/abort/index.ts';
import { deriveModule, knownKernels, signQueryLimit } from '../../../controller/module-signing/index.ts';
import { type ModuleKey, openModuleKey } from '../../../shared/cms/index.ts';
import type { BuildFacts, OrderEnvelope, SignReply } from '../../../shared/messages/index.ts';
import { checkTrustBundle } from '../../../shared/trust/index.ts';
import { BUNDLE, entryOf, HOSTS, SITE } from '../../kit/cast.ts';
import {
  abortBy,
  act,
  type ControllerParts,
  controllerParts,
  DRAFT,
  dispatched,
  introduce,
  requestBy,
} from '../../kit/controller-kit.ts';
import { makeModuleKey } from '../../kit/keys/module-key-kit.ts';
import { answer, auditFolder, findingsIn, makerOn, publishBundle } from '../auditor/support/audited-store.ts';
import { askToSign, imageFor, type QueryChanges } from './support/asking-host.ts';

const folder = mkdtempSync(join(tmpdir(), 'farcall-module-key-'));
const key: ModuleKey = openModuleKey(makeModuleKey(folder, 'fleet-2026'));
afterAll(() => rmSync(folder, { recursive: true }));

const { one, two, other } = HOSTS;
let parts: ControllerParts;
let order: OrderEnvelope;
let id: string;

beforeEach(async () => {
  parts = signingParts(controllerParts());
  await introduce(parts);
  ({ order, id } = await dispatched(parts));
});

function signingParts(plain: ControllerParts): ControllerParts {
  const deriver = {
    derive: async (module: Parameters<typeof deriveModule>[0]) => deriveModule(module),
    close: async () => undefined,
  };
  return {
    ...plain,
    moduleSigner: {
      key,
      deriver,
      kernels: knownKernels({ folder: undefined, onlyKnown: false }),
      limit: signQueryLimit(plain.clock),
    },
  };
}

/** Why it was refused; fails where anything was signed. */
async function refused(asked: Promise<SignReply>): Promise<string> {
  const { signature, code, reason } = await asked;
  expect(signature).toHaveLength(0);
  expect(code).not.toBe('');
  const signed = await parts.audit.page({ kind: 'module-signed', afterSeq: 0, limit: 10 });
  expect(signed).toHaveLength(0);
  return `${code}: ${reason}`;
}

describe('a host with an open order', () => {
  test('a host with an open order gets the signature over its module, and the audit log has it', async () => {
    const reply = await askToSign(parts, one, order);
    const image = imageFor(one, order);
    expect(reply).toMatchObject({ code: '', keyId: key.certificate.keyId });
    expect(Buffer.from(reply.signature).equals(await key.sign(image))).toBe(true);
    const [entry] = await parts.audit.page({ kind: 'module-signed', afterSeq: 0, limit: 10 });
    expect(entry).toMatchObject({ host: 'demo-1', request_id: id, actor: 'controller' });
  });

  test('a host with an open order gets the same signature if it asks again, and nothing new is signed', async () => {
    const first = await askToSign(parts, one, order);
    const second = await askToSign(parts, one, order);
    expect(Buffer.from(second.signature).equals(first.signature)).toBe(true);
    expect(await parts.audit.page({ kind: 'module-signed', afterSeq: 0, limit: 10 })).toHaveLength(1);
  });

  test('a host with an open order gets it after a reboot: KASLR moved the kernel, and nothing disagrees', async () => {
    await askToSign(parts, one, order);
    const moved = await askToSign(parts, one, order, { kernel: { movedBy: 0x1a00_0000n } });
    expect(moved.code).toBe('');
    expect((await askToSign(parts, two, order, { kernel: { movedBy: 0x200_0000n } })).code).toBe('');
  });

  test('a host with an open order gets it while the rollout is paused: it has its order already', async () => {
    await act(parts, 'alice', { id, action: 'pause' });
    expect((await askToSign(parts, one, order)).code).toBe('');
  });

  test('a host with an open order does not get more than three modules for one attempt', async () => {
    for (let boot = 0n; boot < 3n; boot++) {
      const { code } = await askToSign(parts, one, order, { kernel: { movedBy: boot * 0x20_0000n } });
      expect(code).toBe('');
    }
    const { code, reason } = await askToSign(parts, one, order, { kernel: { movedBy: 0x100_0000n } });
    expect(`${code} ${reason}`).toMatch(/SIGNING_REFUSED 3 modules were signed/);
  });
});

describe('an agent in wrong hands gets no signature', () => {
  const CHANGED_BYTE: QueryChanges = {
    image: image => {
      image[image.length >> 1]! ^= 1;
      return image;
    },
  };
  const symbols = (
    facts: BuildFacts,
    change: (all: BuildFacts['symbols']) => BuildFacts['symbols'],
  ): BuildFacts => ({
    ...facts,
    symbols: change(facts.symbols),
  });
  const symbolAt = (wanted: string, address: string): QueryChanges => ({
    facts: facts =>
      symbols(facts, all =>
        all.map(each =>
          each.name === wanted ? { ...each, found: each.found.map(found => ({ ...found, address })) } : each,
        ),
      ),
  });

  test.each<[string, QueryChanges, RegExp]>([
    ['another program', { program: 'panic("gone")' }, /SYMBOL_UNKNOWN: .*_printk/],
    ['other arguments', { program: '_printk("other\\n")' }, /SIGNING_REFUSED: .*not the one/],
    ['one changed byte', CHANGED_BYTE, /SIGNING_REFUSED: .*not the one/],
    [
      'more facts than the program looks at',
      {
        facts: facts => symbols(facts, all => [...all, { name: 'zzz', variants: false, found: [] }]),
      },
      /SIGNING_REFUSED: .*other facts/,
    ],
    [
      'fewer facts',
      { facts: facts => symbols(facts, all => all.filter(({ name }) => name !== '_sinittext')) },
      /SIGNING_REFUSED: .*other facts/,
    ],
    ['a function in user memory', symbolAt('_printk', '400000000000'), /_printk cannot be at/],
    ['a function in the direct map', symbolAt('_printk', 'ffff888000001000'), /_printk cannot be at/],
    ['a kernel that begins nowhere', symbolAt('_stext', '1000'), /a kernel does not begin at 0x1000/],
    ['no kernel at all', { facts: facts => symbols(facts, () => []) }, /where _stext is/],
    ['a CPU that there is not', { facts: facts => ({ ...facts, arch: 'riscv64' }) }, /riscv64/],
    ['the kernel of another build', { kernel: { vermagic: 'other ' } }, /the host said that it runs/],
    ['another release', { query: { kernelRelease: '6.1.0' } }, /asks for a module for 6.1.0/],
    ['an order that there is not', { query: { orderId: 'no-such-order' } }, /no open order/],
    ['another attempt', { query: { attempt: 2 } }, /no open order/],
    ['another request', { query: { requestDigest: new Uint8Array(32) } }, /NOT_FOUND/],
    ['facts that are none', { query: { facts: Buffer.from('facts') } }, /MESSAGE_INVALID/],
    ['in the name of another', { publishesAs: 'demo-2' }, /TOKEN_KEY_UNKNOWN: demo-2 has another key/],
    [
      'by a query that names another host than the one that signs it',
      { query: { host: 'demo-2' } },
      /MESSAGE_INVALID: demo-1 asks .* in the name of demo-2/,
    ],
    ['by the key of another', { signer: two }, /TOKEN_/],
    ['by an old query', { signedAtMs: 1_790_000_000_000 - 600_000 }, /TOKEN_EXPIRED/],
  ])('it gets none for a query with %s', async (_what, changes, why) => {
    expect(await refused(askToSign(parts, one, order, changes))).toMatch(why);
  });

  test('it gets none for an order of other hosts', async () => {
    expect(await refused(askToSign(parts, other, order))).toMatch(/prod-1 has no open order/);
  });

  test('it gets none for what nobody has approved', async () => {
    const pending = await requestBy(parts, 'alice', { ...DRAFT, reason: 'again' });
    const record = await parts.requests.find(pending);
    const forged = { ...order, request: record!.bytes };
    expect(await refused(askToSign(parts, one, forged))).toMatch(/no open order/);
  });

  test('it gets none for an order that was aborted', async () => {
    await submitAbort(parts, {
      requestId: id,
      token: await abortBy(parts, 'alice', id),
      submittedBy: 'alice',
    });
    expect(await refused(askToSign(parts, one, order))).toMatch(/no open order/);
  });

  test('it gets none for a query that was answered already', async () => {
    await answer(parts, one, order);
    expect(await refused(askToSign(parts, one, order))).toMatch(/no open order/);
  });

  test('it gets none for a request that is past its life', async () => {
    parts.clock.advance(DRAFT.lifetimeMs + 1);
    expect(await refused(askToSign(parts, one, order))).toMatch(/REQUEST_EXPIRED/);
  });

  test('no module is signed for a request whose requester the trust bundle does not list', async () => {
    const bundle = { ...BUNDLE, requesters: [entryOf('mallory')] };
    const trust = { site: SITE, current: () => bundle, signed: () => bundle, lasting: () => bundle };
    expect(await refused(askToSign({ ...parts, trust }, one, order))).toMatch(/TOKEN_KEY_UNKNOWN/);
  });

  test('it gets none for an order that somebody wrote into the store: approvals are counted again', async () => {
    const bundle = { ...BUNDLE, thresholds: { standard: { read: 1, call: 3, write: 3 } } };
    const trust = { site: SITE, current: () => bundle, signed: () => bundle, lasting: () => bundle };
    const strict = { ...parts, trust };
    expect(await refused(askToSign(strict, one, order))).toMatch(/APPROVALS_INSUFFICIENT: 2 of 3/);
  });

  test.each([
    ['a call that was declared as a read', '_printk("boom")', 'read', 'call'],
    ['a write that was declared as a call', 'extern struct pair a_pair; a_pair.b = 5;', 'call', 'write'],
    ['a write that was declared as a read', 'extern struct pair a_pair; a_pair.b = 5;', 'read', 'write'],
  ] as const)('%s, though its declared effect is approved', async (_what, program, effect, real) => {
    const understated = await dispatched(parts, { ...DRAFT, program, effect });
    expect(await refused(askToSign(parts, one, understated.order, { program }))).toMatch(
      `SIGNING_REFUSED: the effect of the program is ${real}, but the request declares ${effect}`,
    );
  });

  test('it gets none for a call through a pointer that the request does not declare', async () => {
    const program = 'int (*f)(void) = 0; f()';
    const understated = await dispatched(parts, { ...DRAFT, program });
    expect(await refused(askToSign(parts, one, understated.order, { program }))).toMatch(
      /SIGNING_REFUSED: .* the request does not declare it/,
    );
    const declared = await dispatched(parts, { ...DRAFT, program, indirectCalls: true });
    expect((await askToSign(parts, one, declared.order, { program })).code).toBe('');
  });

  test('it gets no more than twenty signatures at once', async () => {
    const replies = [];
    for (let index = 0; index < 22; index++)
      replies.push(await askToSign(parts, one, order, { query: { attempt: 2 } }));
    expect(replies.map(({ code }) => code).slice(18)).toEqual([
      'SIGNING_REFUSED',
      'SIGNING_REFUSED',
      'RATE_LIMITED',
      'RATE_LIMITED',
    ]);
    expect((await askToSign(parts, two, order)).code).toBe('');
  });
});

describe('the hosts of one build must agree', () => {
  test('the hosts of one build must agree on where a function is: a lie of the second host is found out', async () => {
    expect((await askToSign(parts, one, order)).code).toBe('');
    const lie = { kernel: { movedBy: 0x40_0000n, offsets: { _printk: 0x2000n } } };
    const { code, reason } = await askToSign(parts, two, order, lie);
    expect(code).toBe('SIGNING_REFUSED');
    expect(reason).toMatch(
      /demo-2 reports _printk T \+2000 for 'symbol _printk', and demo-1 reported _printk T \+1000/,
    );
  });

  test('the hosts of one build must agree on how a structure lies in memory', async () => {
    const program = 'extern struct pair a_pair; a_pair.b = 5; _printk("x")';
    const wish = { ...DRAFT, program, effect: 'write' } as const;
    const writes = await dispatched(parts, wish);
    expect((await askToSign(parts, one, writes.order, { program })).code).toBe('');
    const lie = { program, kernel: { pairOffset: 0 } };
    const { code, reason } = await askToSign(parts, two, writes.order, lie);
    expect(`${code} ${reason}`).toMatch(/SIGNING_REFUSED .*'inside \d+'/);
  });
});

test('a controller without a module key says so', async () => {
  const { code, reason } = await askToSign({ ...parts, moduleSigner: undefined }, one, order);
  expect(`${code} ${reason}`).toMatch(/CONFLICT .*moduleSigning/);
});

test('an audit of the store finds nothing wrong with signatures', async () => {
  const file = join(auditFolder(), 'farcall.db');
  const stored = signingParts(controllerParts(BUNDLE, file));
  const maker = await makerOn(stored);
  await publishBundle(stored, BUNDLE);
  await introduce(stored);
  const made = await dispatched(stored);
  expect((await askToSign(stored, one, made.order)).code).toBe('');
  await answer(stored, one, made.order);
  await maker.make();
  await stored.store.close();
  expect(await findingsIn(file)).toEqual([]);
});

describe('scopes that the bundle names after an order', () => {
  const asked = (scope: object): Promise<SignReply> => {
    parts.trust = { ...parts.trust, current: () => checkTrustBundle({ ...BUNDLE, scopes: [scope] }) };
    return askToSign(parts, one, order);
  };

  test('no module is signed for a function that its requester may not ask for', async () => {
    const scope = { may: 'request', person: 'alice', functions: ['get_*'] };
    expect(await refused(asked(scope))).toMatch(/^SCOPE_EXCEEDED: alice may not ask for .*_printk/);
  });

  test('no module is signed for a host that its approver may not approve for', async () => {
    const scope = { may: 'approve', person: 'bob', hosts: 'env=prod' };
    expect(await refused(asked(scope))).toMatch(/^APPROVALS_INSUFFICIENT: 1 of 2 .*bob: demo-1 is outside/);
  });
});
