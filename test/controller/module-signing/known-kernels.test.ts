import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Btf, recordBuild } from '../../../agent/compiler/index.ts';
import { deriveModule, knownKernels } from '../../../controller/module-signing/index.ts';
import { buildFactsCodec } from '../../../shared/messages/index.ts';
import { type KernelChanges, kernelOfHost, symbolsOfHost, typesOfHost } from './support/asking-host.ts';

const BUILD = '0badc0de';
const PROGRAM = 'extern struct pair a_pair; a_pair.b = RED; _printk("x %ld\\n", a_pair.a)';
const FILE_LIMIT_BYTES = 64 << 20;

describe('a kernel that an operator has described', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'farcall-kernels-'));
    describeKernel(BUILD);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function describeKernel(build: string, moreSymbols = ''): void {
    writeFileSync(join(folder, `${build}.btf`), typesOfHost());
    const lines = symbolsOfHost().map(
      ({ name, type, address }) => `${address.toString(16)} ${type} ${name}\n`,
    );
    writeFileSync(join(folder, `${build}.kallsyms`), lines.join('') + moreSymbols);
  }
  function forget(build: string): void {
    rmSync(join(folder, `${build}.btf`));
    rmSync(join(folder, `${build}.kallsyms`));
  }
  const known = (onlyKnown = true) => knownKernels({ folder, onlyKnown });
  const factsOf = (changes: KernelChanges = {}) => {
    const { facts } = recordBuild(kernelOfHost(changes), PROGRAM, 'farcall_test');
    return deriveModule({
      program: PROGRAM,
      moduleName: 'farcall_test',
      facts: buildFactsCodec.encode(facts),
    }).kernelFacts;
  };
  /** Whether the known kernel lets these facts pass; they are pairs of name and value. */
  const takes = (...facts: (readonly [string, string])[]): boolean => {
    try {
      known().check(BUILD, new Map(facts));
      return true;
    } catch (error) {
      expect(error).toMatchObject({ code: 'SIGNING_REFUSED' });
      return false;
    }
  };

  test('a kernel that an operator has described agrees with its hosts, wherever KASLR put it', () => {
    expect([...factsOf().keys()].map(name => name.split(' ')[0])).toEqual(
      expect.arrayContaining(['abi', 'symbol', 'types', 'type', 'inside']),
    );
    expect(() => known().check(BUILD, factsOf())).not.toThrow();
    expect(() => known().check(BUILD, factsOf({ movedBy: 0x1a00_0000n }))).not.toThrow();
  });

  test.each<[string, KernelChanges, RegExp]>([
    [
      'a function elsewhere',
      { offsets: { _printk: 0x2000n } },
      /'symbol _printk' is _printk T \+2000 .*\+1000$/,
    ],
    [
      'a structure that lies otherwise',
      { pairOffset: 0 },
      /'inside \d+' is [0-9a-f]{32} in the kernel 0badc0de/,
    ],
  ])('a kernel that an operator has described shows up a host with %s', (_what, changes, why) => {
    expect(() => known().check(BUILD, factsOf(changes))).toThrow(why);
  });

  test('a symbol of a known kernel is where its file says, in all its places, or nowhere', () => {
    expect(takes(['symbol _printk', '_printk T +1000'])).toBe(true);
    expect(takes(['symbol _printk', '_printk T +1001'])).toBe(false);
    expect(takes(['symbol _printk', '_printk t +1000'])).toBe(false);
    expect(takes(['symbol _printk', ''])).toBe(false);
    expect(takes(['symbol nothing', ''])).toBe(true);
    expect(() => known().check(BUILD, new Map([['symbol nothing', 'nothing T +1']]))).toThrow(/is missing$/);
    const more = [
      'ffffffff81005000 t twice',
      'ffffffff81006000 t twice',
      '0000000000001234 A absolute',
      'ffffffff81007000 t short_of_a_module\t[nfsd]',
      '81007000 t truncated',
      '#ffffffff81007000 t commented',
    ];
    describeKernel(BUILD, `${more.join('\n')}\n`);
    expect(takes(['symbol twice', 'twice t +5000, twice t +6000'])).toBe(true);
    expect(takes(['symbol twice', 'twice t +5000'])).toBe(false);
    expect(takes(['symbol absolute', 'absolute A =0000000000001234'])).toBe(true);
    for (const name of ['short_of_a_module', 'truncated', 'commented']) {
      expect(takes([`symbol ${name}`, `${name} t +7000`])).toBe(false);
      expect(takes([`symbol ${name}`, ''])).toBe(true);
    }
  });

  test('a function that a pointer may reach begins where a function of a known kernel does', () => {
    const types = ['T', 't', 'W', 'w', 'D', 'b'];
    const lines = types.map(
      (type, index) => `ffffffff8100${(5 + index).toString(16)}000 ${type} f${index}\n`,
    );
    describeKernel(BUILD, lines.join(''));
    const isThere = (name: string) => takes([`function ${name}`, 'is there']);
    expect(types.map((_type, index) => isThere(`f${index} +${(5 + index).toString(16)}000`))).toEqual([
      ...[true, true, true, true],
      ...[false, false],
    ]);
    expect(isThere('unused +3000')).toBe(true);
    expect(isThere('unused +3001')).toBe(false);
    expect(isThere('unused')).toBe(false);
    expect(isThere('nothing +3000')).toBe(false);
  });

  test('a name of a type means the types of that name in a known kernel', () => {
    const btf = new Btf(typesOfHost());
    const [pair] = btf.find('pair', 4);
    const { type: color } = btf.findEnumerator('RED')!;
    expect(takes(['types 4 5 pair', `${pair}`])).toBe(true);
    expect(takes(['types 5 pair', `${pair}`])).toBe(false);
    expect(takes(['types 5 pair', ''])).toBe(true);
    expect(takes(['types 4 5 pair', `${pair! + 1}`])).toBe(false);
    expect(takes(['types enumerator RED', `${color}`])).toBe(true);
    expect(takes(['types enumerator RED', ''])).toBe(false);
    expect(takes(['types enumerator BLUE', ''])).toBe(true);
    expect(takes(['types enumerator BLUE', `${color}`])).toBe(false);
  });

  test('a type has a number of the known kernel, or it is none', () => {
    const { endId } = new Btf(typesOfHost());
    for (const id of ['0', `${endId}`, '-1', 'x', '']) {
      expect(takes([`type ${id}`, 'a'.repeat(32)]), id).toBe(false);
      expect(takes([`type ${id}`, ''])).toBe(true);
      expect(takes([`inside ${id}`, ''])).toBe(true);
    }
    for (const id of ['1', `${endId - 1}`]) expect(takes([`type ${id}`, '']), id).toBe(false);
    // A pointer has nothing inside.
    expect(takes(['inside 1', ''])).toBe(true);
    expect(takes(['inside 1', 'a'.repeat(32)])).toBe(false);
  });

  test('what the files of a kernel do not say is taken from no host as wrong', () => {
    expect(takes(['abi', 'anything'], ['variants _printk', 'anything'])).toBe(true);
  });

  test('a kernel that nobody described is let pass, or refused where only known ones count', () => {
    describeKernel('');
    for (const build of ['ffff', '']) {
      expect(() => known(false).check(build, new Map([['symbol _printk', 'a lie']]))).not.toThrow();
      expect(() => known().check(build, factsOf())).toThrow(
        expect.objectContaining({ code: 'SIGNING_REFUSED', message: expect.stringContaining(`'${build}'`) }),
      );
    }
    const nowhere = knownKernels({ folder: undefined, onlyKnown: true });
    expect(() => nowhere.check(BUILD, factsOf())).toThrow(/known kernels only/);
    knownKernels({ folder: undefined, onlyKnown: false }).check(BUILD, factsOf());
  });

  test.each(['btf', 'kallsyms'])('a kernel without its %s is not known', kind => {
    rmSync(join(folder, `${BUILD}.${kind}`));
    expect(() => known().check(BUILD, factsOf())).toThrow(/known kernels only/);
  });

  test('a kernel whose symbols do not say where its text begins is refused', () => {
    writeFileSync(join(folder, `${BUILD}.kallsyms`), 'ffffffff81001000 T _printk\n');
    expect(() => known(false).check(BUILD, factsOf())).toThrow(
      expect.objectContaining({
        code: 'SIGNING_REFUSED',
        message: expect.stringContaining('where _stext is'),
      }),
    );
  });

  test('a file of a kernel that is too long, or is none, cannot be read', () => {
    const path = join(folder, `${BUILD}.btf`);
    rmSync(join(folder, `${BUILD}.kallsyms`));
    truncateSync(path, FILE_LIMIT_BYTES);
    expect(() => known().check(BUILD, factsOf())).toThrow(/known kernels only/);
    truncateSync(path, FILE_LIMIT_BYTES + 1);
    const unreadable = expect.objectContaining({ code: 'FILE_UNREADABLE' });
    expect(() => known().check(BUILD, factsOf())).toThrow(unreadable);
    rmSync(path);
    mkdirSync(path);
    expect(() => known().check(BUILD, factsOf())).toThrow(unreadable);
  });

  test('the four kernels that were asked for last are kept, the others are read again', () => {
    const builds = ['a', 'b', 'c', 'd', 'e'];
    builds.forEach(build => void describeKernel(build));
    const kernels = known();
    const isKnown = (build: string): boolean => {
      try {
        kernels.check(build, factsOf());
        return true;
      } catch {
        return false;
      }
    };
    for (const build of ['a', 'b', 'c', 'd', 'a', 'e']) expect(isKnown(build)).toBe(true);
    builds.forEach(forget);
    expect(builds.map(isKnown)).toEqual([true, false, true, true, true]);
  });
});
