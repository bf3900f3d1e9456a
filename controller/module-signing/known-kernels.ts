import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Btf, TEXT_START } from '../../agent/compiler/index.ts';
import { FarcallError, toFarcallError } from '../../shared/errors/index.ts';
import { describeType } from './describe-type.ts';
import { type SymbolAddress, symbolAddressesText, symbolAddressText } from './kernel-facts.ts';

/** Builds of kernels that an operator has described. */
export interface KnownKernels {
  /**
   * Throws SIGNING_REFUSED where the facts are not those of the known kernel of this build id; and, where
   * only known kernels are signed for, where it is not known.
   */
  check(buildId: string, facts: ReadonlyMap<string, string>): void;
}

/** Where known kernels are described. */
export interface KnownKernelsOptions {
  /**
   * Holds BUILDID.btf and BUILDID.kallsyms: copies of /sys/kernel/btf/vmlinux and /proc/kallsyms of a machine
   * that is trusted.
   */
  readonly folder: string | undefined;
  readonly onlyKnown: boolean;
}

const FILE_LIMIT_BYTES = 64 << 20;
const KERNELS_KEPT = 4;

interface KnownKernel {
  readonly btf: Btf;
  readonly symbols: ReadonlyMap<string, readonly SymbolAddress[]>;
  readonly textStart: bigint;
}

/**
 * Threat: a host names a build that nobody else runs, and then whatever it says of it is said for the first
 * time. With the types and addresses of a trusted machine at hand nothing of a kernel is taken on the word of
 * a host but where KASLR put it.
 */
export function knownKernels({ folder, onlyKnown }: KnownKernelsOptions): KnownKernels {
  const kept = new Map<string, KnownKernel>();
  const find = (buildId: string): KnownKernel | undefined => {
    const known = kept.get(buildId) ?? (folder === undefined ? undefined : readKernel(folder, buildId));
    if (!known) return undefined;
    kept.delete(buildId);
    kept.set(buildId, known);
    const oldest = kept.keys().next().value;
    if (kept.size > KERNELS_KEPT && oldest !== undefined) kept.delete(oldest);
    return known;
  };
  return {
    check(buildId, facts) {
      const known = buildId === '' ? undefined : find(buildId);
      if (known) return compare(known, buildId, facts);
      if (onlyKnown)
        throw new FarcallError(
          'SIGNING_REFUSED',
          `modules are signed for known kernels only, and the build '${buildId}' is not one of them (moduleSigning.kernelsFolder)`,
        );
    },
  };
}

function compare(known: KnownKernel, buildId: string, facts: ReadonlyMap<string, string>): void {
  for (const [name, reported] of facts) {
    const value = knownValue(known, name);
    if (value !== undefined && value !== reported)
      throw new FarcallError(
        'SIGNING_REFUSED',
        `the host says that '${name}' is ${reported} in the kernel ${buildId}; in the known kernel it is ${value || 'missing'}`,
      );
  }
}

/** The value of a fact by the files of a known kernel; undefined if they lack it (`abi`, `variants`). */
function knownValue({ btf, symbols, textStart }: KnownKernel, fact: string): string | undefined {
  const [kind = '', ...rest] = fact.split(' ');
  const name = rest.join(' ');
  switch (kind) {
    case 'symbol':
      return symbolAddressesText(symbols.get(name) ?? [], textStart);
    case 'function':
      return hasFunction(symbols, name, textStart) ? 'is there' : '';
    case 'types':
      return typesNamed(btf, name).join(' ');
    case 'type':
    case 'inside': {
      const id = Number(name);
      if (!(id >= btf.firstId && id < btf.endId)) return '';
      const { head, body } = describeType(btf, id, same => same);
      return (kind === 'type' ? head : body) ?? '';
    }
    default:
      return undefined;
  }
}

/** `NAME +OFFSET`: whether a function of this name begins there. */
function hasFunction(symbols: KnownKernel['symbols'], fact: string, textStart: bigint): boolean {
  const [name = '', offset] = fact.split(' ');
  const known = symbols.get(name) ?? [];
  return known.some(({ type, address }) => {
    return /[TtWw]/.test(type) && symbolAddressText(address, textStart) === offset;
  });
}

/** `4 5 name` are structures and unions of that name; `enumerator NAME` the enumeration that has it. */
function typesNamed(btf: Btf, search: string): readonly number[] {
  const enumerator = /^enumerator (.*)$/.exec(search)?.[1];
  if (enumerator !== undefined) return [btf.findEnumerator(enumerator)?.type ?? []].flat();
  const [, kinds = '', name = ''] = /^((?:\d+ )+)(.*)$/.exec(search) ?? [];
  const wanted = kinds.trim().split(' ');
  return btf.find(name, ...wanted.map(kind => Number(kind) as ReturnType<Btf['kind']>));
}

function readKernel(folder: string, buildId: string): KnownKernel | undefined {
  const btf = readOptional(join(folder, `${buildId}.btf`));
  const kallsyms = readOptional(join(folder, `${buildId}.kallsyms`));
  if (!btf || !kallsyms) return undefined;
  const symbols = parseKallsyms(kallsyms.toString('latin1'));
  const start = symbols.get(TEXT_START)?.[0];
  if (!start)
    throw new FarcallError(
      'SIGNING_REFUSED',
      `${folder}/${buildId}.kallsyms does not say where ${TEXT_START} is`,
    );
  return { btf: new Btf(btf), symbols, textStart: BigInt(`0x${start.address}`) };
}

/**
 * Symbols of the kernel itself, by name: `ffffffff81000000 T _stext`; those of modules have a third column.
 */
function parseKallsyms(text: string): Map<string, SymbolAddress[]> {
  const symbols = new Map<string, SymbolAddress[]>();
  for (const [, address = '', type = '', name = ''] of text.matchAll(
    /^([0-9a-f]{16}) ([A-Za-z?]) (\S+)$/gm,
  )) {
    const same = symbols.get(name);
    const symbol = { name, type, address };
    if (same) same.push(symbol);
    else symbols.set(name, [symbol]);
  }
  return symbols;
}

function readOptional(path: string): Buffer | undefined {
  try {
    if (statSync(path).size > FILE_LIMIT_BYTES)
      throw new FarcallError('FILE_UNREADABLE', `${path} is longer than ${FILE_LIMIT_BYTES} bytes`);
    return readFileSync(path);
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return undefined;
    throw toFarcallError(thrown, 'FILE_UNREADABLE');
  }
}
