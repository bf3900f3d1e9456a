import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signedBundleCodec } from '../../../shared/messages/index.ts';
import { keyId, readKeyFile } from '../../../shared/tokens/index.ts';
import { readBundleFile, readRootsFile } from '../../../shared/trust/index.ts';
import { eventually } from '../../kit/eventually.ts';
import type { AgentHome } from '../../kit/fleet/agent-home.ts';
import { type AgentProcess, startAgentProcess } from '../../kit/fleet/agent-process.ts';
import type { ControllerFixture } from '../../kit/fleet/controller-process.ts';
import { enrolledHome } from '../../kit/fleet/enrolled-home.ts';
import { type Fleet, startFleet } from '../../kit/fleet/fleet.ts';
import type { NatsServer } from '../../kit/fleet/nats-server.ts';
import {
  changeConfig,
  type HostileBroker,
  hostileBroker,
  type TrustSite,
  trustSite,
} from '../../kit/fleet/trust-site.ts';

interface Requested {
  readonly id: string;
  readonly digest: string;
}

// One installation through its life; each test goes on from where the one before left it. Nobody touches the
// host: its configuration and its file of roots are those of the first day, which the last test looks at.
describe('keys and roots change, and nobody touches the hosts', () => {
  let fleet: Fleet;
  let nats: NatsServer;
  let controller: ControllerFixture;
  let site: TrustSite;
  let broker: HostileBroker;
  let home: AgentHome;
  let agent: AgentProcess | undefined;
  let firstRoots: string;

  const version = (): number => {
    try {
      return readBundleFile(join(home.stateDirectory, 'trust.json')).bundle.version;
    } catch {
      return 0;
    }
  };
  const hostAt = (wanted: number) =>
    eventually(`the host has trust bundle ${wanted}`, () => version() === wanted);
  const agentLog = (): string => agent?.log() ?? '';
  const logged = (text: string) => eventually(`the agent logs ${text}`, () => agentLog().includes(text));
  /** Starts the agent again; one is killed when its test ends, and holds its lock until it is gone. */
  const restartAgent = async (): Promise<void> => {
    await agent?.kill('SIGKILL');
    agent = startAgentProcess(home);
    // An answer to it: the broker then knows its subscriptions too, which it made before it asked.
    await logged('the controller listed the open orders');
  };
  const HELLO = ['f()', '--hosts', 'env=test', '--reason', 'r'];
  const request = async (): Promise<Requested> =>
    JSON.parse(await site.must('alice', 'request', ...HELLO, '--yes', '--json'));
  const approval = ({ id, digest }: Requested): string[] => ['approve', id, '--yes', '--digest', digest];
  /** A request that these people approve, run by the host to its end. */
  const runs = async (...approvers: string[]): Promise<void> => {
    const requested = await request();
    for (const approver of approvers) await site.must(approver, ...approval(requested));
    expect(await site.must('alice', 'watch', requested.id)).toContain('1 returned');
  };

  beforeAll(async () => {
    fleet = await startFleet();
    ({ nats, controller } = fleet);
    site = trustSite(controller);
    broker = await hostileBroker(nats, controller);
    home = await enrolledHome(controller, 'web-01', { env: 'test' });
    firstRoots = readFileSync(join(home.directory, 'roots.json'), 'utf8');
  });
  afterAll(async () => {
    await broker?.close();
    await fleet?.stop();
  });

  it('a new host that knows the roots alone gets the bundle, and works by it', async () => {
    await restartAgent();
    await hostAt(1);
    await controller.logged(line => line['effect'] === 'registered');
    await runs('bob', 'carol');
  });

  it('an approver who was removed counts no more, neither here nor there', async () => {
    await restartAgent();
    const open = await request();
    await site.must('carol', ...approval(open));
    const dave = await site.newKey('dave');
    await site.make(
      2,
      [
        ['remove', '--approver', 'carol'],
        ['add', '--approver', dave],
      ],
      ['rob', 'rose'],
    );
    await site.publish(2);
    await hostAt(2);
    await site.must('bob', ...approval(open));
    expect(await site.must('alice', 'requests', '--json')).toContain('"pending"');
    const refused = await controller.farcallHere('carol', approval(await request()));
    expect(refused).toMatchObject({ code: 4, stderr: expect.stringContaining('[TOKEN_KEY_UNKNOWN]') });
    // A stolen controller key that names the older bundle gains nothing by it: the host judges by its own.
    const forged = await broker.sendOrder({ by: 'ctl-1', approvers: ['bob', 'carol'], trustVersion: 1 });
    await logged('APPROVALS_INSUFFICIENT');
    expect(agentLog()).toContain(forged);
    await runs('bob', 'dave');
  });

  it('a broker that sends old bundles, garbage and floods changes nothing, also over a restart', async () => {
    await restartAgent();
    const old = signedBundleCodec.encode(site.signedBundle(1));
    for (const bytes of [old, Buffer.from('rubbish'), Buffer.alloc(1_000_000, 10), old.subarray(0, -9)])
      await broker.announce(bytes);
    const unsigned = { ...site.signedBundle(2), signatures: site.signedBundle(1).signatures };
    await broker.announce(signedBundleCodec.encode(unsigned));
    await logged('TRUST_OLDER');
    await restartAgent();
    await logged('"trustVersion":2');
    await runs('bob', 'dave');
    expect(version()).toBe(2);
  });

  it('an order that names a bundle which does not exist is not run, and not answered', async () => {
    await restartAgent();
    const forged = await broker.sendOrder({ by: 'ctl-1', approvers: ['bob', 'dave'], trustVersion: 999 });
    await logged('TRUST_BEHIND');
    const about = agentLog()
      .split('\n')
      .filter(line => line.includes(`"request":"${forged}"`))
      .map(line => JSON.parse(line).msg);
    expect(new Set(about)).toEqual(new Set(['the agent ignores an order']));
  });

  it('the controller gets another key', async () => {
    await restartAgent();
    await site.make(3, [['add', '--controller', await site.newKey('ctl-1', 'ctl-new')]], ['rob', 'rose']);
    await site.publish(3);
    changeConfig(controller, { key: 'ctl-new.key' });
    await controller.stop();
    await controller.start();
    const oldKid = keyId(readKeyFile(join(controller.folder, 'ctl-1.key')).publicJwk);
    await site.make(4, [['remove', '--controller', `ctl-1=${oldKid}`]], ['rob', 'rose']);
    await site.publish(4);
    await hostAt(4);
    await runs('bob', 'dave');
    await broker.sendOrder({ by: 'ctl-1', approvers: ['bob', 'dave'], trustVersion: 4 });
    await logged('TOKEN_KEY_UNKNOWN');
  });

  it('the roots change twice while the host is away; it walks from one to the next', async () => {
    await agent?.kill('SIGKILL');
    const ruth = await site.newKey('ruth');
    const rick = await site.newKey('rick');
    await site.make(
      5,
      [
        ['add', '--root', ruth],
        ['remove', '--root', 'rob'],
      ],
      ['rob', 'rose', 'ruth'],
    );
    await site.publish(5);
    await site.make(6, [['add', '--expires', '300d']], ['rose', 'ruth']);
    await site.publish(6);
    await site.make(
      7,
      [
        ['add', '--root', rick],
        ['remove', '--root', 'rose'],
      ],
      ['rose', 'ruth', 'rick'],
    );
    await site.publish(7);
    await site.make(8, [['add', '--threshold', 'emergency=1']], ['ruth', 'rick']);
    await site.publish(8);
    await restartAgent();
    await hostAt(8);
    expect(agentLog()).not.toContain('"trustVersion":6');
    await runs('bob', 'dave');
  });

  it('the old roots have nothing to say any more', async () => {
    await restartAgent();
    await site.make(9, [['add', '--expires', '200d']], ['ruth']);
    const { code, stderr } = await controller.farcallHere('rob', ['trust', 'publish', site.fileOf(9)]);
    expect({ code, stderr }).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('[TRUST_SIGNATURES]'),
    });
    await broker.announce(signedBundleCodec.encode(site.signedBundle(9)));
    await logged('TRUST_SIGNATURES');
    expect(version()).toBe(8);
  });

  it('a bundle that ends stops everything, until there is a newer one', async () => {
    await restartAgent();
    await site.make(9, [['add', '--expires', '3s']], ['ruth', 'rick']);
    await site.publish(9);
    await hostAt(9);
    await eventually('the bundle is over', async () =>
      (
        await controller.farcallHere('alice', ['request', '1', '--hosts', '*', '--reason', 'x'])
      ).stderr.includes('[TRUST_EXPIRED]'),
    );
    for (const command of ['requests', 'hosts'])
      expect((await controller.farcallHere('alice', [command])).code).toBe(0);
    await broker.sendOrder({ by: 'ctl-new', approvers: ['bob', 'dave'], trustVersion: 9 });
    await logged('the trust bundle has expired');
    await logged('TRUST_EXPIRED');
    await site.make(10, [['add', '--expires', '90d']], ['ruth', 'rick']);
    await site.publish(10);
    await hostAt(10);
    await runs('bob', 'dave');
  });

  it('a host that is enrolled after the roots changed gets the present ones, from an operator with the first', async () => {
    const late = await enrolledHome(controller, 'web-late', { env: 'late' });
    expect(readRootsFile(join(late.directory, 'roots.json')).members.map(({ name }) => name)).toEqual([
      'ruth',
      'rick',
    ]);
    const { leastBundle } = JSON.parse(readFileSync(late.configFile, 'utf8'));
    expect(leastBundle.version).toBe(10);
  });

  it('a host says by which bundle it decides, and that a controller confirmed it', async () => {
    await restartAgent();
    const trustOf = async () => {
      const [host] = JSON.parse(await site.must('alice', 'hosts', 'env=test', '--json'));
      return host.trust;
    };
    await eventually('the heartbeat says so', async () => (await trustOf())?.version === 10);
    expect((await trustOf()).confirmedAtMs).toBeGreaterThan(Date.now() - 600_000);
  });

  it('everything on the host but its state is as it was on the first day', async () => {
    expect(version()).toBe(10);
    expect(readFileSync(join(home.directory, 'roots.json'), 'utf8')).toBe(firstRoots);
    expect(readRootsFile(join(home.directory, 'roots.json')).members.map(({ name }) => name)).toEqual([
      'rob',
      'rose',
    ]);
    expect((await site.must('alice', 'trust', 'show')).split('\n')[0]).toContain('Trust bundle 10');
    expect(await controller.auditVerify()).toMatchObject({ code: 0 });
  });
});

describe('a controller without a trust bundle', () => {
  it('a controller without a trust bundle starts, says what it waits for, and goes on as soon as the roots publish one', async () => {
    const fleet = await startFleet({ publishes: false });
    const { controller } = fleet;
    const site = trustSite(controller);
    const requests = () => controller.farcallHere('alice', ['requests']);
    try {
      expect(await requests()).toMatchObject({ code: 4, stderr: expect.stringContaining('[TRUST_MISSING]') });
      expect(await controller.farcallHere('alice', ['trust', 'show'])).toMatchObject({ code: 4 });
      await site.publish(1);
      expect(await requests()).toMatchObject({ code: 0, stderr: '' });
      expect(await site.must('bob', 'trust', 'publish', site.fileOf(1))).toContain(
        'has trust bundle 1 already',
      );
      await controller.kill();
      await controller.start();
      expect(await requests()).toMatchObject({ code: 0, stderr: '' });
    } finally {
      await fleet.stop();
    }
  });
});
