import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  AREAS,
  type Area,
  CASES,
  type CaseResults,
  callsFromCommandLine,
  type KernelSupport,
  keepMeasured,
  nameOf,
  runSuite,
  SUITE_KERNELS,
  type SuiteKernel,
  type SuiteRun,
  withSupportTable,
} from './suite/index.ts';
import { runsAhead } from './support/runs-ahead.ts';

const KERNELS_PAGE = fileURLToPath(new URL('../../docs/guide/kernels.md', import.meta.url));

/**
 * What a kernel says when its rules were broken: lib/bug.c, kernel/sched/core.c, kernel/rcu/, init/main.c
 * (v6.12).
 */
const TROUBLE =
  /WARNING|BUG|Oops|while atomic|imbalance|returned with|general protection|RCU|rcu|stall|lockup|hung|refcount|leak|unable to handle/i;

// One kernel alone, while something is looked into: FARCALL_SUITE_KERNELS='amd64 6.1 generic,arm64 6.12 16k'.
const only = process.env['FARCALL_SUITE_KERNELS']?.split(',');
const KERNELS = SUITE_KERNELS.filter(kernel => only?.includes(nameOf(kernel)) ?? true);
const runOf = runsAhead(KERNELS, kernel => runSuite(kernel, CASES), 2);
const supported: KernelSupport[] = [];
const held = new Set<string>();

describe.each(KERNELS)('Linux $series $flavour, $arch', kernel => {
  const support = emptySupport(kernel);
  let run: SuiteRun;

  beforeAll(async () => {
    run = await runOf(kernel);
  });
  afterAll(() => {
    supported.push(support);
    if (run) keepMeasured(support);
  });

  test.each(CASES.map((each, index) => ({ ...each, index })))('$title', ({ area, title, check, index }) => {
    const area_ = support.areas[area];
    const got: CaseResults = run.results[index]!;
    if (got.lacking !== undefined) {
      area_.lacks.push(got.lacking);
      return;
    }
    area_.failed++;
    check(got);
    area_.failed--;
    area_.passed++;
    area_.declared.push(...got.declared);
    held.add(title);
  });

  test('what holds tasks has given them back', () => {
    const [before, after] = run.usage;
    expect(before.value?.text).toMatch(/^\(int\)\d+$/);
    expect(after.value?.text).toBe(before.value?.text);
  });

  test('the kernel has nothing to complain of, and nothing is left in it', () => {
    expect(run.kernelLog.split('\n').filter(line => TROUBLE.test(line))).toEqual([]);
    expect(run.modules).not.toMatch(/^farcall/m);
  });

  test('the guest compiles the same modules as this process, from what its agent reads there', () => {
    expect(run.compiledTwice.length).toBeGreaterThan(5);
    for (const { program, here, inGuest } of run.compiledTwice) expect(inGuest, program).toBe(here);
  });

  test.runIf(callsFromCommandLine(kernel))(
    'farcall-agent call prints rows, warnings and why a program was skipped',
    () => {
      const [rows, skipped] = run.commands!;
      expect(rows).toMatchObject({ exitCode: 0, stderr: '' });
      expect(rows.stdout).toMatch(/^"\S+" +1\n"kthreadd" +2\n$/);
      expect(skipped.exitCode).toBe(0);
      expect(skipped.stdout).toMatch(
        /^1\nskipped: line 1, column 35: this condition does not hold on this host\n/,
      );
      expect(skipped.stderr).toMatch(
        /^warning: line 1, column 32: long is truncated to int\n {4}report\(1\);.*\n {35}\^\n$/,
      );
    },
  );
});

describe.skipIf(only)('all kernels together', () => {
  test('each case held on some kernel: one that is nowhere possible tests nothing', () => {
    expect(CASES.map(({ title }) => title).filter(title => !held.has(title))).toEqual([]);
  });

  test('the table in docs/guide/kernels.md is what was measured', () => {
    const page = readFileSync(KERNELS_PAGE, 'utf8');
    expect(page, 'node test/kernel/write-support-table.ts writes it').toBe(withSupportTable(page, supported));
  });
});

function emptySupport({ arch, series, flavour }: SuiteKernel): KernelSupport {
  const areas = Object.keys(AREAS) as Area[];
  const none = () => ({ passed: 0, failed: 0, declared: [], lacks: [] });
  return {
    arch,
    series,
    flavour,
    areas: Object.fromEntries(areas.map(area => [area, none()])) as unknown as KernelSupport['areas'],
  };
}
