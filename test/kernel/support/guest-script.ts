import { basename } from 'node:path';
import { rolldown } from 'rolldown';
import type { Machine } from '../../../tools/machine/index.ts';

const PLACE = '/run/farcall';

const bundles = new Map<string, Promise<string>>();
const placed = new WeakMap<Machine, Map<string, Promise<string>>>();

/**
 * The command that runs the program of ours at `source` in the guest. It goes there as one file, joined as a
 * release is: reading its parts one by one takes an emulated guest ten seconds, and one without the host's
 * files has none of them.
 */
export async function guestScript(machine: Machine, source: string): Promise<readonly string[]> {
  const inGuest = placed.get(machine) ?? new Map<string, Promise<string>>();
  placed.set(machine, inGuest);
  const path = inGuest.get(source) ?? place(machine, source);
  inGuest.set(source, path);
  return ['env', `NODE_COMPILE_CACHE=${PLACE}/cache`, machine.node, await path];
}

async function place(machine: Machine, source: string): Promise<string> {
  const path = `${PLACE}/${basename(source, '.ts')}.cjs`;
  const bundled = bundles.get(source) ?? bundle(source);
  bundles.set(source, bundled);
  await machine.writeFile(path, await bundled);
  return path;
}

async function bundle(source: string): Promise<string> {
  const joined = await rolldown({ input: source, platform: 'node' });
  const { output } = await joined.generate({ format: 'cjs', codeSplitting: false });
  await joined.close();
  return output[0].code;
}
