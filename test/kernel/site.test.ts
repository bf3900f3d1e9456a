import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type GuestHost, startGuestHost } from '../../deploy/demo/guest-host.ts';
import { farcall, mustFarcall } from '../../deploy/demo/operator.ts';
import { type Site, startSite } from '../../deploy/demo/site.ts';

const HOST = 'vm-1';

/** A host's line of `farcall report --json`, as far as these tests look. */
interface HostReport {
  readonly host: string;
  readonly outcome?: string;
  // biome-ignore lint/suspicious/noExplicitAny: what a command prints is the test's to know
  readonly result?: any;
}

describe('a controller, a broker and the agent of a host with a real kernel', () => {
  const folder = mkdtempSync(join(tmpdir(), 'farcall-site-'));
  let site: Site;
  let guest: GuestHost;

  beforeAll(async () => {
    site = await startSite({ folder, hosts: [HOST], controller: { hostSilenceMs: 2000 } });
    guest = await startGuestHost({ site, name: HOST, series: '6.12', labels: { env: 'test' } });
    await hostKnown();
  });

  afterAll(async () => {
    await guest?.machine.stop();
    await site?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function hostKnown(): Promise<void> {
    for (;;) {
      const { stdout } = await farcall(['hosts', '--json'], { configFile: site.configOf('alice') });
      if (stdout.includes(`"${HOST}"`)) return;
      await sleep(500);
    }
  }

  async function agentLogged(text: string, from = 0): Promise<void> {
    while (
      !readFileSync(join(folder, `${HOST}.log`), 'utf8')
        .slice(from)
        .includes(text)
    )
      await sleep(200);
  }

  function logLength(): number {
    return readFileSync(join(folder, `${HOST}.log`), 'utf8').length;
  }

  /** Asks and approves; the order is out when this returns. */
  async function order(program: string, ...options: string[]): Promise<string> {
    const request = ['request', program, '--hosts', 'env=test', '--reason', 'test', '--json', ...options];
    const { id, digest } = JSON.parse(await mustFarcall(request, { configFile: site.configOf('alice') }));
    for (const person of ['bob', 'carol'] as const) {
      const approve = ['approve', id, '--yes', '--digest', digest];
      await mustFarcall(approve, { configFile: site.configOf(person) });
    }
    return id;
  }

  async function report(id: string): Promise<HostReport> {
    const { stdout } = await farcall(['report', id, '--json'], { configFile: site.configOf('alice') });
    return JSON.parse(stdout).hosts[0];
  }

  /** Waits for the request to be over. */
  async function outcome(id: string): Promise<HostReport> {
    await farcall(['watch', id], { configFile: site.configOf('alice') });
    return report(id);
  }

  test('a call that two people approved returns its value and its log line', async () => {
    const host = await outcome(await order('_printk("Hello, world %d\\n", 1234)'));
    expect(host.outcome).toBe('returned');
    expect(host.result.value.text).toBe('(int)17');
    expect(host.result.kernelLog).toContain('Hello, world 1234');
  });

  test('a name that this kernel lacks is not-applicable, and nothing is done', async () => {
    const host = await outcome(await order('no_such_function()'));
    expect(host.outcome).toBe('not-applicable');
    expect(host.result.error.code).toBe('SYMBOL_UNKNOWN');
  });

  test('a call that is not back in time is timed-out with its kernel stack, and the next one works', async () => {
    const host = await outcome(await order('msleep(8000)', '--timeout', '2s'));
    expect(host.outcome).toBe('timed-out');
    expect(host.result.kernelLog.join('\n')).toMatch(/stack: .*msleep/);
    expect((await outcome(await order('nr_processes()'))).outcome).toBe('returned');
  });

  test('a call that oopses is faulted with the log of the oops; the agent lives on', async () => {
    const host = await outcome(await order('strlen((const char *)16)'));
    expect(host.outcome).toBe('faulted');
    expect(host.result.kernelLog.join('\n')).toMatch(/BUG: kernel NULL pointer dereference/);
    expect((await outcome(await order('nr_processes()'))).outcome).toBe('returned');
  });

  test('an agent that is killed in the middle of a call reports it as unknown, and runs nothing again', async () => {
    const from = logLength();
    const id = await order('_printk("once %d\\n", (msleep(4000), 1))');
    await agentLogged('a call begins', from);
    await guest.killAgent();
    await guest.startAgent();
    const host = await outcome(id);
    expect(host.outcome).toBe('unknown');
    expect(host.result.error.code).toBe('OUTCOME_UNKNOWN');
    await sleep(5000);
    const log = await guest.machine.output(['busybox', 'dmesg']);
    expect(log.match(/once 1/g)?.length ?? 0).toBeLessThanOrEqual(1);
  });

  test('a broker that crashes and comes back loses no result', async () => {
    const from = logLength();
    const id = await order('(msleep(3000), nr_processes())');
    await agentLogged('a call begins', from);
    await site.restartBroker();
    expect((await outcome(id)).outcome).toBe('returned');
  });

  test('a controller that crashes and comes back loses no result', async () => {
    const from = logLength();
    const id = await order('(msleep(3000), nr_processes())');
    await agentLogged('a call begins', from);
    await site.restartController();
    expect((await outcome(id)).outcome).toBe('returned');
  });

  test('a machine that loses its power in the middle of a call is expired once the request has ended', async () => {
    const from = logLength();
    const id = await order('msleep(60000)', '--expires', '20s', '--timeout', '2s');
    await agentLogged('a call begins', from);
    await guest.machine.kill();
    const host = await outcome(id);
    expect(host.outcome).toBe('expired');
  });
});
