import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROOT, sourcesBelow } from './imports.ts';

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const page = read('docs/adding-a-cpu.md');

/** The folders of back ends (all but the one that they share), and what `uname -m` says for each. */
const CPUS = readdirSync(join(ROOT, 'agent/compiler/codegen'), { withFileTypes: true })
  .filter(entry => entry.isDirectory() && entry.name !== 'common')
  .map(({ name }) => ({ folder: name, arch: name.replace('-', '_') }));

/** Sources that may know which CPU it is. */
const MAY_KNOW = [
  /^agent\/compiler\/codegen\/(x86-64|aarch64)\//,
  /^agent\/compiler\/codegen\/index\.ts$/,
  /^agent\/compiler\/elf\/machines\.ts$/,
  /^agent\/compiler\/loader\/(x86-64|aarch64|build-loader)\.ts$/,
  /^agent\/kernel\/kcore\/page-tables\.ts$/,
];
const sources = ['agent', 'controller', 'shared']
  .flatMap(sourcesBelow)
  .filter(path => !MAY_KNOW.some(pattern => pattern.test(path)));

/** Lines without comments that match. */
function linesWith(pattern: RegExp): string[] {
  return sources.flatMap(path =>
    read(path)
      .split('\n')
      .filter(line => !/^\s*(\/\/|\/?\*)/.test(line) && pattern.test(line))
      .map(line => `${path}: ${line.trim()}`),
  );
}

test('there are CPUs and sources to look at', () => {
  expect(CPUS.map(({ arch }) => arch).sort()).toEqual(['aarch64', 'x86_64']);
  expect(sources.length).toBeGreaterThan(200);
});

test('nothing decides by the CPU but back ends, ELF machines and the build of the loader', () => {
  const decides =
    /\b(arch|machine|machine\(\))\s*[!=]==?|[!=]==?\s*[\w.]*\barch\b|switch \([\w.]*\barch\)|process\.arch/;
  expect(linesWith(decides)).toEqual([]);
});

test('nothing but back ends, ELF and tests names a CPU', () => {
  expect(linesWith(/['"`](x86_64|x86-64|amd64|x64|aarch64|arm64)['"`]/)).toEqual([]);
});

describe('the page on adding a CPU', () => {
  const tables = [...page.matchAll(/^\| `([^`]+)`/gm)].map(([, path]) => path!);

  test('the page on adding a CPU names files that every CPU has', () => {
    const paths = tables.flatMap(path => CPUS.map(({ folder }) => path.replace('<cpu>', folder)));
    expect(paths.length).toBeGreaterThan(20);
    expect(paths.filter(path => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  test.each(CPUS)('the page on adding a CPU names lists that have $arch', ({ arch }) => {
    const lists = tables.filter(path => path.startsWith('agent/') && !path.includes('<cpu>'));
    expect(lists).toHaveLength(4);
    for (const path of lists) expect(read(path), path).toMatch(new RegExp(`\\b${arch}\\b`));
  });

  test('the page on adding a CPU names tests that go over every CPU', () => {
    const tests = tables.filter(path => path.endsWith('.test.ts') && !path.includes('<cpu>'));
    expect(tests.length).toBeGreaterThan(5);
    for (const path of tests) expect(read(path), path).toContain('TEST_CPUS');
    for (const { arch } of CPUS)
      expect(read('test/agent/compiler/support/test-cpus.ts')).toContain(`arch: '${arch}'`);
  });

  test('the page on adding a CPU leaves out no test that goes over all CPUs', () => {
    const going = sourcesBelow('test')
      .filter(path => path.endsWith('.test.ts') && path !== 'test/house/cpus.test.ts')
      .filter(path => read(path).includes('TEST_CPUS'));
    expect(going.filter(path => !tables.includes(path))).toEqual([]);
  });

  test.each([
    ['BackEnd', 'agent/compiler/codegen/common/back-end.ts'],
    ['ElfMachine', 'agent/compiler/elf/machines.ts'],
  ])('the page on adding a CPU names each member of %s', (name, path) => {
    const body = read(path).split(`export interface ${name} {`)[1]!.split('\n}')[0]!;
    const members = [...body.matchAll(/^ {2}(?:readonly )?(\w+)[:(]/gm)].map(([, member]) => member!);
    const listed = [...page.matchAll(/^- `(\w+)`:/gm)].map(([, member]) => member!);
    expect(members.length).toBeGreaterThan(2);
    expect(members.filter(member => !listed.includes(member))).toEqual([]);
  });

  test('the page on adding a CPU names the tests in virtual machines', () => {
    for (const [, path] of page.matchAll(/`(test\/kernel\/\w+\.test\.ts)`/g))
      expect(existsSync(join(ROOT, path!)), path).toBe(true);
  });
});
