import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  bootMachine,
  ensureKernel,
  type GuestProcess,
  type Kernel,
  type Machine,
  runTool,
} from '../../tools/machine/index.ts';
import { type Delivered, faultEnvironment, makeHome, ONE_HOST } from '../faults/support/host-home.ts';
import type { OrderKit } from '../kit/order-kit.ts';
import { guestScript } from './support/guest-script.ts';

const HOME = '/var/farcall';

/** A program that was joined into one file finds them two folders above itself. */
const MESSAGES = fileURLToPath(new URL('../../proto', import.meta.url));

/** Where the power is cut, what the host says afterwards, and how often the kernel ran the program. */
const CUTS = [
  { at: 'load begins', outcome: 'unknown', runs: 0 },
  { at: 'load ends', outcome: 'unknown', runs: 1 },
  { at: 'delivery begins', outcome: 'returned', runs: 1 },
] as const;

/**
 * A host whose power is cut (SIGKILL to QEMU) in the middle of a call, with its journal on an ext4 disk of
 * its own. What the guest had in its memory is gone, what it had synced is not. Not modelled: a disk that
 * lies about a flush.
 */
describe('after a power cut', () => {
  let folder: string;
  let image: string;
  let kernel: Kernel;
  let kit: OrderKit;
  let console = '';
  const digests: string[] = [];

  beforeAll(async () => {
    kernel = await ensureKernel('6.12');
    folder = mkdtempSync(join(tmpdir(), 'farcall-power-'));
    kit = makeHome(join(folder, 'home'));
    image = join(folder, 'disk');
    writeFileSync(image, '');
    await runTool('truncate', ['-s', '64M', image]);
    await runTool('/sbin/mke2fs', ['-q', '-t', 'ext4', '-d', join(folder, 'home'), image]);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function boot(): Promise<Machine> {
    const machine = await bootMachine({ kernel, disks: [image] });
    await machine.output(
      `mkdir -p ${HOME} && mount -t ext4 /dev/vda ${HOME} && mkdir -p /run/farcall && ln -s ${MESSAGES} /run/farcall/proto`,
    );
    return machine;
  }

  /** Starts the host as it starts after every boot; with `pauseAt` it stops there. */
  async function startHost(machine: Machine, pauseAt?: string): Promise<GuestProcess> {
    const fault = pauseAt === undefined ? undefined : `pause:${pauseAt}`;
    const env = { ...faultEnvironment(HOME, fault), FARCALL_TEST_STAGES: 'kernel' };
    return machine.start([...(await guestScript(machine, ONE_HOST)), HOME], { env });
  }

  async function cutPowerAt(step: string, marker: string): Promise<void> {
    const machine = await boot();
    const { envelope, requestDigest } = await kit.order({ request: { program: `_printk("${marker}\\n")` } });
    digests.push(Buffer.from(requestDigest).toString('hex'));
    await machine.writeFile(`${HOME}/orders/${digests.length}`, envelope);
    await machine.output('sync');
    const host = await startHost(machine, step);
    const ended = host.exited.catch(() => undefined);
    for await (const text of host.stdout) if (String(text).includes('paused')) break;
    await machine.kill();
    await ended;
    console += machine.console.text();
  }

  test('nothing runs twice, and what was in flight is unknown', async () => {
    for (const [index, { at }] of CUTS.entries()) await cutPowerAt(at, `farcall-cut-${index}.`);
    await using machine = await boot();
    const host = await startHost(machine);
    host.stdout.resume();
    const end = await host.exited;
    expect(end.exitCode).toBe(0);
    const lines = (await machine.readFile(`${HOME}/delivered`)).toString().trim().split('\n');
    const delivered = lines.map(line => JSON.parse(line) as Delivered);
    console += machine.console.text();
    for (const [index, { outcome, runs }] of CUTS.entries()) {
      const own = delivered.filter(({ request }) => request === digests[index]);
      expect(new Set(own.map(each => each.outcome))).toEqual(new Set([outcome]));
      expect(new Set(own.map(each => each.resultDigest)).size).toBe(1);
      expect(console.split(`farcall-cut-${index}.`)).toHaveLength(1 + runs);
    }
  });
});
