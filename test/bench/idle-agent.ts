import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SEEN_BY_GUESTS, startGuestHost } from '../../deploy/demo/guest-host.ts';
import { startSite } from '../../deploy/demo/site.ts';
import { type Figure, figure } from './figure.ts';

const HOST = 'bench-1';
const SETTLE_MS = 10_000;
const LOOKS = 5;

/**
 * The real agent in a guest, connected and idle: how long until it is ready, and how much memory it holds.
 */
export async function idleAgent(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'farcall-bench-'));
  const site = await startSite({ folder, seenByHosts: SEEN_BY_GUESTS });
  const guest = await startGuestHost({ site, name: HOST, series: '6.12', labels: {} });
  try {
    const startedAt = performance.now();
    await untilLogged(join(folder, `${HOST}.log`), 'the agent is connected to the broker');
    const readyMs = performance.now() - startedAt;
    await sleep(SETTLE_MS);
    const looks: Memory[] = [];
    for (let look = 0; look < LOOKS; look++) {
      looks.push(await memoryOf(guest.machine));
      await sleep(500);
    }
    return [
      figure('6.12: farcall-agent run, start to connected, cold', [readyMs]),
      figure(
        '6.12: idle agent, resident',
        looks.map(look => look.residentMib),
        { unit: 'MiB', mark: 90, peer: 'drgn 234 MiB' },
      ),
      figure(
        '6.12: idle agent, proportional (PSS)',
        looks.map(look => look.proportionalMib),
        { unit: 'MiB' },
      ),
    ];
  } finally {
    await guest.machine.stop();
    await site.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function untilLogged(path: string, text: string): Promise<void> {
  while (!existsSync(path) || !readFileSync(path, 'utf8').includes(text)) await sleep(50);
}

interface Memory {
  readonly residentMib: number;
  /** Pages that are shared count in part: most of an agent is Node's own file. */
  readonly proportionalMib: number;
}

async function memoryOf(machine: { output(command: string): Promise<string> }): Promise<Memory> {
  const rollup = await machine.output(
    'for p in /proc/[0-9]*; do tr "\\0" " " <$p/cmdline 2>/dev/null | grep -q "main.*run --config" && cat $p/smaps_rollup; done; true',
  );
  const mib = (key: string): number => {
    const found = [...rollup.matchAll(new RegExp(`^${key}:\\s+(\\d+) kB`, 'gm'))];
    if (found.length === 0) throw new Error('there is no agent in the guest');
    return Math.max(...found.map(match => Number(match[1]))) / 1024;
  };
  return { residentMib: mib('Rss'), proportionalMib: mib('Pss') };
}
