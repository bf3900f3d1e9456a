import { execFile } from 'node:child_process';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { rolldown } from 'rolldown';
import { type CodeCache, codeCache, type Machine } from '../../../tools/machine/index.ts';

/** Two folders below the top, as in a release, so that programs find the library. */
const TOP = '/run/farcall';
const PLACE = `${TOP}/lib/programs`;
const LIBRARY = fileURLToPath(new URL('../../../library', import.meta.url));

const bundles = new Map<string, Promise<string>>();
const placed = new WeakMap<Machine, Map<string, Promise<Placed>>>();

/** A program of ours in a guest. */
interface Placed {
  readonly path: string;
  readonly cache: CodeCache;
}

/**
 * The command that runs the program of ours at `source` in the guest. It goes there as one file, joined as a
 * release is: reading its parts one by one takes an emulated guest ten seconds, and one without the host's
 * files has none of them.
 */
export async function guestScript(machine: Machine, source: string): Promise<readonly string[]> {
  const { path, cache } = await placedIn(machine, source);
  return ['env', `NODE_COMPILE_CACHE=${cache.folder}`, machine.node, path];
}

/**
 * Keeps what the program compiled when it ran in the guest, for guests to come; `flush` makes one that still
 * runs write it down.
 */
export async function keepCompiled(
  machine: Machine,
  source: string,
  flush?: () => Promise<unknown>,
): Promise<void> {
  const { cache } = await placedIn(machine, source);
  await cache.keep(flush);
}

function placedIn(machine: Machine, source: string): Promise<Placed> {
  const inGuest = placed.get(machine) ?? new Map<string, Promise<Placed>>();
  placed.set(machine, inGuest);
  const placing = inGuest.get(source) ?? place(machine, source);
  inGuest.set(source, placing);
  return placing;
}

async function place(machine: Machine, source: string): Promise<Placed> {
  const name = basename(source, '.ts');
  const path = `${PLACE}/${name}.cjs`;
  const bundled = bundles.get(source) ?? bundle(source);
  bundles.set(source, bundled);
  const code = await bundled;
  await machine.writeFile(path, code);
  await placeLibrary(machine);
  return { path, cache: codeCache(machine, name, code) };
}

const withLibrary = new WeakMap<Machine, Promise<void>>();

/** Puts the headers of the C library into the guest, once, in one piece: a command for each takes seconds. */
function placeLibrary(machine: Machine): Promise<void> {
  const placing = withLibrary.get(machine) ?? unpackLibrary(machine);
  withLibrary.set(machine, placing);
  return placing;
}

async function unpackLibrary(machine: Machine): Promise<void> {
  const { stdout } = await promisify(execFile)('tar', ['-C', LIBRARY, '-cf', '-', '.'], {
    encoding: 'buffer',
  });
  const unpack = `mkdir -p ${TOP}/library && tar -C ${TOP}/library -xf -`;
  await machine.output(['sh', '-c', unpack], { stdin: stdout });
}

/**
 * Packages whose modules do nothing when they are loaded but make what they export, as ours do: where a
 * program uses nothing of such a module, it goes without. An emulated CPU takes two seconds to load these.
 */
const WITHOUT_EFFECTS = /node_modules\/(?:zod|protobufjs|@protobufjs|long)\//;

const hasEffects = (id: string): boolean => id.includes('/node_modules/') && !WITHOUT_EFFECTS.test(id);

async function bundle(source: string): Promise<string> {
  const treeshake = { moduleSideEffects: hasEffects };
  const joined = await rolldown({ input: source, platform: 'node', treeshake });
  const { output } = await joined.generate({ format: 'cjs', codeSplitting: false });
  await joined.close();
  return output[0].code;
}
