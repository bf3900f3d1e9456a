import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostSubject } from '../../../shared/subjects/index.ts';
import { eventually } from '../../kit/eventually.ts';
import type { ControllerFixture } from '../../kit/fleet/controller-process.ts';
import { type Fleet, startFleet } from '../../kit/fleet/fleet.ts';
import type { StandInHost } from '../../kit/fleet/stand-in-host.ts';
import { heartbeatOf } from '../../kit/host-statements.ts';

const HELLO = ['_printk("hi\\n")', '--hosts', 'env=demo', '--reason', 'say hi', '--no-plan'];

describe('an operator', () => {
  let fleet: Fleet;
  let controller: ControllerFixture;
  let host: StandInHost;

  beforeAll(async () => {
    fleet = await startFleet({ hosts: { 'demo-1': { env: 'demo' } } });
    ({ controller } = fleet);
    host = fleet.host('demo-1');
  });
  afterAll(() => fleet?.stop());

  const saidBy = async (person: string, ...args: string[]): Promise<string> =>
    (await controller.farcallHere(person, args)).stderr;

  it('an operator is told by hosts, and by the request that waits for it, that the clock of a host is wrong', async () => {
    const id = await controller.approved(...HELLO);
    expect(await saidBy('alice', 'hosts')).toBe('');
    const bytes = await heartbeatOf(host, Date.now() + 300_000);
    host.connection.publish(hostSubject(host.name, 'heartbeat'), bytes);
    await eventually('the clock is known to be wrong', async () =>
      (await saidBy('alice', 'hosts')).includes('Clocks are wrong: demo-1 is 5 min ahead'),
    );
    expect((await controller.farcallHere('alice', ['hosts'])).stdout).toContain('clock 5 min ahead');
    expect(await saidBy('alice', 'requests')).toContain('demo-1 is 5 min ahead');
    const told: string[] = [];
    let interrupt = (): void => undefined;
    await controller.farcallHere('alice', ['watch', id], {
      warn(line) {
        told.push(line);
        interrupt();
      },
      onInterrupt(listener) {
        interrupt = listener;
        return () => undefined;
      },
    });
    expect(told[0]).toContain('demo-1 is 5 min ahead');
    host.connection.publish(hostSubject(host.name, 'heartbeat'), await heartbeatOf(host, Date.now()));
    await eventually('it is right again', async () => (await saidBy('alice', 'hosts')) === '');
    const order = await host.nextOrder();
    await host.answer(order);
  });

  it('an operator is told since when the broker is away, also when they approve', async () => {
    await fleet.nats.kill();
    await controller.logged(({ msg }) => msg === 'broker disconnected');
    const request = await controller.requested(...HELLO);
    await controller.approve('bob', request);
    const approved = await saidBy('carol', 'approve', request.id, '--yes', '--digest', request.digest);
    expect(approved).toMatch(
      /The broker has been away since .* UTC \(.*\): no order, abort or result gets through; 1 request waits for it/,
    );
    const away = 'The broker has been away since';
    for (const command of [['hosts'], ['requests'], ['report', request.id]])
      expect(await saidBy('alice', ...command)).toContain(away);
    const aborted = ['abort', request.id, '--reason', 'it waits too long', '--yes'];
    expect(await saidBy('alice', ...aborted)).toContain(away);
    await fleet.nats.start();
    await eventually('the broker is back', async () => (await saidBy('alice', 'hosts')) === '');
  });

  it('an operator is told of a broker that is frozen, and not when it goes on', async () => {
    process.kill(fleet.nats.pid(), 'SIGSTOP');
    try {
      await eventually('it is said', async () =>
        (await saidBy('alice', 'hosts')).includes('The broker has been away since'),
      );
    } finally {
      process.kill(fleet.nats.pid(), 'SIGCONT');
    }
    await eventually('the broker is back', async () => (await saidBy('alice', 'hosts')) === '');
  });

  it.each([
    ['hosts', ['hosts'], 5, /\[UNREACHABLE\]/],
    ['the completion of a shell', ['__complete', 'zsh', '--', 'watch', ''], 0, /^$/],
  ] as const)('%s comes to its end although the controller is frozen', async (_what, args, code, said) => {
    process.kill(controller.pid(), 'SIGSTOP');
    try {
      const ended = await controller.farcall('alice', ...args);
      expect(ended).toMatchObject({ code, stderr: expect.stringMatching(said) });
    } finally {
      process.kill(controller.pid(), 'SIGCONT');
    }
  });
});
