import { beforeEach, describe, expect, it } from 'vitest';
import { receiveDeferredHellos, receiveHello } from '../../../controller/gather/index.ts';
import { selectHosts } from '../../../controller/requests/index.ts';
import { hostFactsCodec, hostHelloCodec } from '../../../shared/messages/index.ts';
import { HOSTS, hostOf, keyOf, START_MS } from '../../kit/cast.ts';
import {
  type ControllerParts,
  codeOf,
  controllerParts,
  enrolAll,
  removeHost,
} from '../../kit/controller-kit.ts';
import { factsOf, helloOf, signStatement } from '../../kit/host-statements.ts';

describe('a hello', () => {
  let parts: ControllerParts;
  const { one, two } = HOSTS;

  let enrolled: number;

  beforeEach(async () => {
    parts = controllerParts();
    await enrolAll(parts, [one, two]);
    enrolled = await audited();
  });

  const receive = (bytes: Uint8Array, host = one.name) => receiveHello(parts, { host, bytes });
  const audited = async () => (await parts.audit.head()).seq;

  it('a hello is kept, when the key is the one that the host was enrolled with', async () => {
    await receive(await helloOf(one, START_MS));
    const [record] = await parts.hosts.all();
    expect(record).toMatchObject({ kid: one.key.kid, firstSeenMs: START_MS, lastSeenMs: START_MS });
    expect(hostFactsCodec.decode(record?.facts ?? new Uint8Array())).toEqual(factsOf(one));
  });

  it('a hello renews the facts of a known host', async () => {
    await receive(await helloOf(one, START_MS));
    parts.clock.advance(5000);
    await receive(await helloOf(one, START_MS + 5000, { kernelRelease: '6.12.50' }));
    const [record] = await parts.hosts.all();
    expect(record).toMatchObject({ firstSeenMs: START_MS, lastSeenMs: START_MS + 5000 });
    expect(hostFactsCodec.decode(record?.facts ?? new Uint8Array()).kernelRelease).toBe('6.12.50');
    expect(await audited()).toBe(enrolled + 2);
  });

  it('a hello is no change of state where only its time differs', async () => {
    await receive(await helloOf(one, START_MS));
    await receive(await helloOf(one, START_MS + 1000, { observedAtMs: START_MS + 1000 }));
    expect(await audited()).toBe(enrolled + 1);
  });

  const tainted = (taint: number) => helloOf(one, START_MS + taint, { taint });

  it('a hello names what changed in the audit log', async () => {
    await receive(await helloOf(one, START_MS));
    await receive(await helloOf(one, START_MS, { kernelRelease: '6.12.50', taint: 512, observedAtMs: 7 }));
    const entries = await parts.audit.page({ afterSeq: enrolled, limit: 10 });
    const detail = JSON.parse(entries.at(-1)?.detail ?? '');
    expect(detail.changed).toEqual(['kernelRelease', 'taint']);
  });

  it('facts that change all the time are merged, and the last of them are kept in the end', async () => {
    await receive(await helloOf(one, START_MS));
    for (let taint = 1; taint <= 300; taint++) await receive(await tainted(taint));
    expect(await audited()).toBe(enrolled + 1 + 10);
    const taintNow = async () => {
      const record = await parts.hosts.find(one.name);
      return hostFactsCodec.decode(record?.facts ?? new Uint8Array()).taint;
    };
    expect(await taintNow()).toBe(10);
    await receiveDeferredHellos(parts);
    expect(await taintNow()).toBe(10);
    parts.clock.advance(600_000);
    await receiveDeferredHellos(parts);
    expect(await taintNow()).toBe(300);
    expect(await audited()).toBe(enrolled + 1 + 11);
  });

  it('a host whose facts change too often keeps no other host from changing its own', async () => {
    await receive(await helloOf(one, START_MS));
    for (let taint = 1; taint <= 20; taint++) await receive(await tainted(taint));
    await receive(await helloOf(two, START_MS), two.name);
    const before = await audited();
    await receive(await helloOf(two, START_MS + 1, { taint: 1 }), two.name);
    expect(await audited()).toBe(before + 1);
  });

  it('a hello that is sent again later does not bring old facts back', async () => {
    const old = await helloOf(one, START_MS);
    await receive(old);
    parts.clock.advance(5000);
    await receive(await helloOf(one, START_MS + 5000, { kernelRelease: '6.12.50' }));
    await receive(old);
    const [record] = await parts.hosts.all();
    expect(hostFactsCodec.decode(record?.facts ?? new Uint8Array()).kernelRelease).toBe('6.12.50');
  });

  it('a hello with another key than the enrolled one is refused', async () => {
    await receive(await helloOf(one, START_MS));
    const impostor = { ...one, key: keyOf('impostor') };
    expect(await codeOf(receive(await helloOf(impostor, START_MS)))).toBe('TOKEN_KEY_UNKNOWN');
    expect((await parts.hosts.all())[0]?.kid).toBe(one.key.kid);
  });

  it('a hello of a host that nobody enrolled is refused, even if it comes first', async () => {
    const stranger = hostOf('stranger');
    const bytes = await helloOf(stranger, START_MS);
    expect(await codeOf(receive(bytes, 'stranger'))).toBe('TOKEN_KEY_UNKNOWN');
    expect(await parts.hosts.all()).toEqual([]);
  });

  it('a hello of a host that was removed is refused, and it is no host any more', async () => {
    await receive(await helloOf(one, START_MS));
    await removeHost(parts, 'demo-1');
    expect(await codeOf(receive(await helloOf(one, START_MS)))).toBe('TOKEN_KEY_UNKNOWN');
    expect(await parts.hosts.all()).toEqual([]);
  });

  it('a hello cannot give a host other labels than it was enrolled with', async () => {
    await receive(await helloOf(one, START_MS, { labels: { env: 'prod' } }));
    expect((await parts.hosts.all())[0]?.labels).toEqual({ env: 'demo' });
    expect(selectHosts('env=prod', await parts.hosts.all())).toEqual([]);
    expect(selectHosts('env=demo', await parts.hosts.all())).toHaveLength(1);
  });

  const refused: readonly [string, () => Promise<Uint8Array>, string][] = [
    ['of another host', () => helloOf(two, START_MS), 'TOKEN_KEY_UNKNOWN'],
    [
      'that names another host than the one that signs it',
      () => helloOf(one, START_MS, { host: 'demo-2' }),
      'MESSAGE_INVALID',
    ],
    ['with a key that is none', () => helloOf(one, START_MS, { publicKey: '{}' }), 'MESSAGE_INVALID'],
    [
      'signed by another key than the one in it',
      () => helloOf(one, START_MS, { publicKey: JSON.stringify(two.key.publicJwk) }),
      'MESSAGE_INVALID',
    ],
    ['that is too old', () => helloOf(one, START_MS - 40 * 24 * 3_600_000), 'TOKEN_EXPIRED'],
    ['of tomorrow', () => helloOf(one, START_MS + 24 * 3_600_000), 'TOKEN_EXPIRED'],
    ['signed as a result', () => signedAs('result'), 'TOKEN_CLAIMS'],
    ['with facts that were changed after signing', changedFacts, 'TOKEN_CLAIMS'],
    ['that is stray bytes', async () => Buffer.from('hello'), 'MESSAGE_INVALID'],
    ['that is empty', async () => new Uint8Array(), 'MESSAGE_INVALID'],
  ];
  it.each(refused)('%s is refused', async (_name, make, code) => {
    expect(await codeOf(receive(await make()))).toBe(code);
    expect(await parts.hosts.all()).toEqual([]);
  });

  async function signedAs(what: 'result'): Promise<Uint8Array> {
    const facts = hostFactsCodec.encode(factsOf(one));
    const signature = await signStatement(one, { what, bytes: facts, nowMs: START_MS });
    return hostHelloCodec.encode({ facts, signature });
  }

  async function changedFacts(): Promise<Uint8Array> {
    const facts = hostFactsCodec.encode(factsOf(one));
    const signature = await signStatement(one, { what: 'facts', bytes: facts, nowMs: START_MS });
    const changed = hostFactsCodec.encode(factsOf(one, { labels: { env: 'prod' } }));
    return hostHelloCodec.encode({ facts: changed, signature });
  }
});
