// Runs in a guest: reads its kernel with agent/kernel and prints what came out as JSON.

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import {
  formatLogRecord,
  type HostSymbols,
  type Kcore,
  openKcore,
  openKernelLog,
  openSymbols,
  readCString,
  readKernelFacts,
  readModuleAbi,
} from '../../../agent/kernel/index.ts';
import {
  openCompressedStore,
  readKallsymsText,
  type SymbolStore,
} from '../../../agent/kernel/kallsyms/index.ts';

/** What the guest found. Numbers that may be large are text. */
export interface GuestReport {
  readonly origin: string;
  readonly fallbackReason: string | null;
  /** `linux_banner`, read from memory. */
  readonly banner: string;
  readonly faultAtNull: string;
  readonly abiFromMemory: unknown;
  readonly abiFromFiles: unknown;
  readonly facts: unknown;
  readonly moduleSymbols: readonly string[];
  readonly inside: string | null;
  readonly similar: readonly string[];
  /** Null where this kernel does not tell where its compressed table is. */
  readonly comparison: Comparison | null;
  readonly log: readonly string[];
  readonly logAfterSeek: readonly string[];
}

/** How the two sources of symbols agree. */
export interface Comparison {
  readonly symbols: number;
  readonly encoding: string;
  /** Whether all names are the same, in the same order. */
  readonly sameNames: boolean;
  /** Of a sample: symbols that come out with another address or letter. */
  readonly otherSymbols: readonly string[];
  /** Of a sample: names for which the sources find other addresses. */
  readonly otherLookups: readonly string[];
}

const SAMPLE_EVERY = 197;
const kcore = openKcore();
const symbols = openSymbols(kcore);
const report: GuestReport = {
  origin: symbols.origin,
  fallbackReason: symbols.fallbackReason ?? null,
  banner: readCString(kcore, symbols.table.lookup('linux_banner')[0]!.address, 1024),
  faultAtNull: codeOf(() => kcore.read(0n, 8)),
  abiFromMemory: readModuleAbi({ symbols: symbols.table, memory: kcore, files: nowhere() }),
  abiFromFiles: readModuleAbi({ symbols: symbols.table, memory: undefined }),
  facts: readKernelFacts(),
  moduleSymbols: symbols.table.lookup('p9_client_read').map(({ module }) => module ?? 'kernel'),
  inside: insideOf(symbols, 'wake_up_process', 5n),
  similar: symbols.table.similar('wakeup_process', 3),
  comparison: symbols.origin === 'memory' ? compareSources(kcore) : null,
  ...readLog(),
};
process.stdout.write(JSON.stringify(report));

function nowhere() {
  return { proc: '/proc', sys: '/sys', dev: '/dev', modules: '/nowhere' };
}

function codeOf(run: () => unknown): string {
  try {
    run();
    return 'no error';
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : String(thrown);
  }
}

function insideOf({ table }: HostSymbols, name: string, offset: bigint): string | null {
  const found = table.containing(table.lookup(name)[0]!.address + offset);
  return found === undefined ? null : `${found.symbol.name}+${found.offset}`;
}

function compareSources(memory: Kcore): Comparison {
  const compressed = openCompressedStore(memory, memory.vmcoreInfo);
  const text = readKallsymsText().kernel;
  const [ours, theirs] = [listNames(compressed), listNames(text)];
  const sample = ours.handles.filter(handle => handle % SAMPLE_EVERY === 0);
  return {
    symbols: compressed.count,
    encoding: compressed.encoding,
    sameNames: ours.names.equals(theirs.names),
    otherSymbols: sample.flatMap(handle => {
      const [one, other] = [compressed.symbol(handle), text.symbol(theirs.handles[handle]!)];
      return one.name === other.name && one.address === other.address && one.type === other.type
        ? []
        : [one.name];
    }),
    otherLookups: sample
      .map(handle => compressed.symbol(handle).name)
      .filter(name => addressesOf(compressed, name) !== addressesOf(text, name)),
  };
}

/** All names in one buffer, each with a newline, and their handles. */
function listNames(store: SymbolStore): { readonly names: Buffer; readonly handles: readonly number[] } {
  const names = Buffer.alloc(16 * 1024 * 1024);
  const handles: number[] = [];
  let at = 0;
  store.scan(0, 1024, (handle, bytes, start, end) => {
    for (let from = start; from < end; from++) names[at++] = bytes[from]!;
    names[at++] = 0x0a;
    handles.push(handle);
  });
  return { names: names.subarray(0, at), handles };
}

function addressesOf(store: SymbolStore, name: string): string {
  return store
    .find(name)
    .map(handle => store.symbol(handle).address.toString(16))
    .join();
}

/** Reads its own lines back: after reading to the end, and after a child has moved the place there. */
function readLog(): Pick<GuestReport, 'log' | 'logAfterSeek'> {
  using log = openKernelLog();
  log.skipToEnd();
  writeFileSync('/dev/kmsg', '<4>farcall test: w\u00f6rld \\ one\n');
  const lines = log.readNew().records.map(formatLogRecord);
  using moved = openKernelLog();
  const seek = 'open(F, "<&=4") or die; sysseek(F, 0, 2) or die';
  spawnSync('perl', ['-e', seek], { stdio: ['ignore', 'ignore', 'inherit', 'ignore', moved.fd] });
  writeFileSync('/dev/kmsg', '<4>farcall test: two\n');
  return { log: lines, logAfterSeek: moved.readNew().records.map(formatLogRecord) };
}
