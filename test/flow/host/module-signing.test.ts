import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openModuleKey } from '../../../shared/cms/index.ts';
import { type OrderEnvelope, type SignReply, signReplyCodec } from '../../../shared/messages/index.ts';
import { hostSubject } from '../../../shared/subjects/index.ts';
import {
  imageFor,
  type QueryChanges,
  signEnvelope,
} from '../../controller/module-signing/support/asking-host.ts';
import { DRAFT } from '../../kit/controller-kit.ts';
import { DEADLINES } from '../../kit/deadlines.ts';
import { type Fleet, startFleet } from '../../kit/fleet/fleet.ts';
import type { StandInHost } from '../../kit/fleet/stand-in-host.ts';
import { makeModuleKey } from '../../kit/keys/module-key-kit.ts';

const folder = mkdtempSync(join(tmpdir(), 'farcall-signing-'));
const key = makeModuleKey(folder, 'fleet-2026');

describe('a controller that signs modules, and agents in wrong hands', () => {
  let fleet: Fleet;
  let one: StandInHost;
  let two: StandInHost;
  let order: OrderEnvelope;

  beforeAll(async () => {
    const hosts = { 'web-1': { env: 'demo' }, 'web-2': { env: 'demo' }, 'db-1': { env: 'prod' } };
    fleet = await startFleet({ hosts, config: { moduleSigning: key } });
    [one, two] = [fleet.host('web-1'), fleet.host('web-2')];
    await fleet.controller.approved(DRAFT.program, '--hosts', 'env=demo', '--reason', 'say hello');
    order = await one.nextOrder();
  });
  afterAll(async () => {
    await fleet?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Asks over the broker, by the connection of `host`. */
  async function ask(host: StandInHost, changes: QueryChanges = {}, by = host.name): Promise<SignReply> {
    const bytes = await signEnvelope(host, order, Date.now(), changes);
    const { data } = await host.connection.request(hostSubject(by, 'sign'), bytes, {
      timeout: DEADLINES.eventuallyMs,
    });
    return signReplyCodec.decode(data);
  }

  test('a module of an approved order is signed, and the signature is over what was compiled', async () => {
    const reply = await ask(one);
    expect(reply.code).toBe('');
    const expected = await openModuleKey(key).sign(imageFor(one, order));
    expect(Buffer.from(reply.signature).equals(expected)).toBe(true);
  });

  test.each<[string, QueryChanges, RegExp]>([
    ['another program', { program: 'panic("gone")' }, /SYMBOL_UNKNOWN/],
    ['other arguments', { program: '_printk("other\\n")' }, /SIGNING_REFUSED/],
    ['a changed byte', { image: image => Buffer.concat([image, Buffer.from([0])]) }, /SIGNING_REFUSED/],
    ['a lied address', { kernel: { offsets: { _printk: 0x2000n } } }, /SIGNING_REFUSED .*web-1 reported/],
    ['an old query', { signedAtMs: Date.now() - 600_000 }, /TOKEN_EXPIRED/],
  ])('%s is not', async (_what, changes, why) => {
    const { signature, code, reason } = await ask(two, changes);
    expect(signature).toHaveLength(0);
    expect(`${code} ${reason}`).toMatch(why);
  });

  test('a host gets no signature for the order of other hosts', async () => {
    const { code, reason } = await ask(fleet.host('db-1'));
    expect(`${code} ${reason}`).toMatch(/SIGNING_REFUSED db-1 has no open order/);
  });

  test('the broker lets nobody ask in the name of another', async () => {
    await expect(ask(two, {}, 'web-1')).rejects.toThrow();
  });

  test('a host gets no signature for an order that it has answered: a replayed query', async () => {
    const changes = { kernel: { movedBy: 0x20_0000n } };
    const bytes = await signEnvelope(two, order, Date.now(), changes);
    expect((await two.answer(order)).committed).toBe(true);
    const { data } = await two.connection.request(hostSubject('web-2', 'sign'), bytes, {
      timeout: DEADLINES.eventuallyMs,
    });
    const reason = expect.stringContaining('no open order');
    expect(signReplyCodec.decode(data)).toMatchObject({ code: 'SIGNING_REFUSED', reason });
  });

  test('stray bytes stop nothing, and the store holds', async () => {
    one.connection.publish(hostSubject('web-1', 'sign'), Buffer.from('stray'));
    expect((await ask(one)).code).toBe('');
    const { code, stdout } = await fleet.controller.auditVerify();
    expect([code, stdout]).toEqual([0, stdout]);
  });
});
