import pino from 'pino';
import { describe, expect, test } from 'vitest';
import { hostDenies } from '../../../agent/denies/index.ts';
import { receiveAbort, runOrder } from '../../../agent/run-order/index.ts';
import type { DenyCounts, KernelProbes } from '../../../agent/stages/index.ts';
import { type HostProbe, hostFactsCodec } from '../../../shared/messages/index.ts';
import { moduleNameOf } from '../../../shared/module-signing/index.ts';
import { sha256 } from '../../../shared/tokens/index.ts';
import { HOSTS } from '../../kit/cast.ts';
import { factsOf } from '../../kit/host-statements.ts';
import { orderKit } from '../../kit/order-kit.ts';
import { openJournal } from '../support/journal-kit.ts';
import { orderContext } from '../support/order-context.ts';
import { KERNEL_FACTS } from '../support/stand-in-stages.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const NOW_MS = Date.UTC(2026, 10, 22);
const BOOT_ID = KERNEL_FACTS.bootId;
const kit = orderKit(NOW_MS);

const DENY = {
  ...{ name: 'vfs_mkdir', module: undefined, lifeMs: 60_000, value: '-EPERM', condition: undefined },
  ...{ text: 'deny vfs_mkdir with -EPERM to everyone, for 1 minutes', line: 1, column: 1 },
  ...{ stateAt: 128, missedAt: 1024 },
};
const RULES = { allow: ['*'], deny: [] };

/** A kernel that holds modules, and whose clock of the boot is set. */
class TestProbes implements KernelProbes {
  readonly modules = new Set<string>();
  readonly removed: string[] = [];
  counts: DenyCounts | undefined;
  uptime = 100_000;
  refuses = false;

  loaded = () => [...this.modules];
  read = () => this.counts && [this.counts];
  uptimeMs = () => this.uptime;
  remove = async (name: string) => {
    if (this.refuses) throw new Error('EWOULDBLOCK');
    this.removed.push(name);
    return !this.modules.delete(name);
  };
}

/** A host on which one order has been run, whose program denies; its module is in the kernel. */
async function denyingHost() {
  const probes = new TestProbes();
  const stateDirectory = temporaryDirectory();
  const context = orderContext(kit, NOW_MS, {
    stateDirectory,
    policy: {
      effects: ['read', 'deny'],
      probes: {
        ...{ allow: 'deny', functions: RULES, longestMs: 1, mostPerSecond: 1 },
        denies: { functions: RULES, longestMs: 60_000 },
      },
    },
    stages: { probes, compile: () => ({ effect: 'deny', callees: [], denies: [DENY] }) },
  });
  const made = await kit.order({ request: { effect: 'deny' } });
  await runOrder(made.envelope, context.agent);
  const module = moduleNameOf({ requestDigest: sha256(made.requestBytes), attempt: 1 });
  probes.modules.add(module);
  const { journal, clock } = context;
  const log = pino({ level: 'silent' });
  const denies = (of = journal, bootId = BOOT_ID) =>
    hostDenies({ journal: of, probes, bootId: () => bootId, clock, log });
  return { ...context, ...made, probes, stateDirectory, module, denies };
}

/** What a deny counts beside, where its function is there. */
const IN_FORCE = { isPlaced: true, errno: 0 };

describe('what is denied on a host', () => {
  test('a host tells of a deny with its request, its end by the clock of the boot, and who was denied', async () => {
    const { probes, denies, module, request } = await denyingHost();
    probes.uptime += 1000;
    const caller = { pid: 7, tgid: 6, uid: 1000, comm: 'mkdir', atUptimeMs: 100_500 };
    const counts = {
      hits: 3n,
      abandoned: 1n,
      missed: 2n,
      untilUptimeMs: 160_000,
      ...IN_FORCE,
      callers: [caller],
    };
    probes.counts = counts;
    const told = denies().look();
    expect(told).toEqual([
      {
        ...{ module, requestId: request.id, function: 'vfs_mkdir', text: DENY.text },
        ...{ sinceMs: NOW_MS, expiresAtMs: NOW_MS - 1000 + DENY.lifeMs, hits: 3, missed: 2, abandoned: 1 },
        callers: [{ pid: 7, tgid: 6, uid: 1000, comm: 'mkdir', atMs: NOW_MS - 500 }],
      },
    ]);
    const facts = { ...factsOf(Object.values(HOSTS)[0]!), probes: told };
    expect(hostFactsCodec.decode(hostFactsCodec.encode(facts)).probes).toEqual(told);
  });

  test('a host tells that a deny waits for its module, or that the kernel has refused its probe', async () => {
    const { probes, denies } = await denyingHost();
    const counts = { hits: 0n, abandoned: 0n, missed: 0n, untilUptimeMs: 160_000, callers: [] };
    const toldWith = (errno: number) => {
      probes.counts = { ...counts, isPlaced: false, errno };
      const [{ waiting, error }] = denies().look() as [HostProbe];
      return { waiting, error };
    };
    expect(toldWith(0)).toEqual({ waiting: true });
    expect(toldWith(2)).toEqual({ waiting: true });
    expect(toldWith(22)).toEqual({ error: 22 });
  });

  test('a module that stays and that the journal does not know is named, and left alone', async () => {
    const { probes, denies, module } = await denyingHost();
    probes.modules.add('farcall_0000000000000000_1');
    await denies().takeOver();
    expect(denies().look()).toContainEqual({ module: 'farcall_0000000000000000_1', callers: [] });
    expect(probes.loaded()).toEqual([module, 'farcall_0000000000000000_1']);
  });

  test('an agent that starts takes over what is denied, and takes it out when its life is over', async () => {
    const { probes, denies, module, journal, stateDirectory } = await denyingHost();
    journal.close();
    const reopened = openJournal(stateDirectory);
    probes.counts = { hits: 0n, abandoned: 0n, missed: 0n, untilUptimeMs: 160_000, ...IN_FORCE, callers: [] };
    await denies(reopened).takeOver();
    expect(probes.removed).toEqual([]);
    expect(denies(reopened).look()).toHaveLength(1);
    probes.uptime = 160_000;
    await denies(reopened).tend();
    expect(probes.removed).toEqual([module]);
    expect(reopened.denying()).toMatchObject([{ isOver: true }]);
  });

  test('an abort ends what is denied, also after the request has expired', async () => {
    const { agent, denies, probes, module, requestBytes, request, clock } = await denyingHost();
    const abort = await kit.abort('bob', requestBytes);
    clock.now = request.expiresAtMs + 1;
    await receiveAbort(abort, agent);
    await denies().tend();
    expect(probes.removed).toEqual([module]);
  });

  test('the end of a deny is in the journal before its module is taken out, and taking out is tried again', async () => {
    const { agent, denies, probes, module, requestBytes, journal } = await denyingHost();
    await receiveAbort(await kit.abort('bob', requestBytes), agent);
    probes.refuses = true;
    await denies().tend();
    expect(journal.denying()).toMatchObject([{ isOver: true }]);
    expect(probes.loaded()).toEqual([module]);
    probes.refuses = false;
    await denies().tend();
    expect(probes.loaded()).toEqual([]);
  });

  test('after a reboot nothing is denied any more, and the journal says so', async () => {
    const { denies, journal, probes } = await denyingHost();
    probes.modules.clear();
    await denies(journal, 'another-boot').takeOver();
    expect(journal.denying()).toMatchObject([{ isOver: true }]);
  });

  test('a journal that is compacted keeps what is denied, and what of it is over', async () => {
    const { journal, stateDirectory, denies, probes } = await denyingHost();
    journal.close();
    const small = openJournal(stateDirectory, 1);
    small.compactIfDue(NOW_MS);
    expect(small.denying()).toMatchObject([{ isOver: false }]);
    probes.modules.clear();
    await denies(small, 'another-boot').tend();
    small.compactIfDue(NOW_MS);
    small.close();
    expect(openJournal(stateDirectory).denying()).toMatchObject([{ isOver: true }]);
  });
});
