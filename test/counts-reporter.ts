import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { Reporter, SerializedError, TestModule, TestRunEndReason } from 'vitest/node';

/**
 * A test that failed, or what failed outside of any: a hook of a file or a suite, an error that nobody
 * caught.
 */
export interface Failure {
  readonly name: string;
  readonly message: string;
}

/** What a test file took. */
export interface FileCost {
  /** Path from the top of the checkout. */
  readonly file: string;
  /**
   * CPU seconds of the file and of all processes that it started; undefined when the file could not be
   * loaded.
   */
  readonly cpuSeconds: number | undefined;
  readonly wallSeconds: number;
}

/** What one vitest found, as test/summary.mjs and test/run.mjs read it. */
export interface Counts {
  readonly passed: number;
  /** Tests, and what failed outside of any. */
  readonly failed: number;
  readonly skipped: number;
  readonly success: boolean;
  readonly failures: readonly Failure[];
  readonly costs: readonly FileCost[];
  /** CPU seconds of vitest itself, which no file has. */
  readonly ownCpuSeconds: number;
}

type Errors = readonly { readonly stack?: string | undefined; readonly message: string }[];

/** Writes `Counts` to `file`. vitest's own reporter for JSON leaves out why a hook of a suite failed. */
export class CountsReporter implements Reporter {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  onTestRunEnd(
    modules: readonly TestModule[],
    unhandled: readonly SerializedError[],
    reason: TestRunEndReason,
  ): void {
    const tests = modules.flatMap(module => [...module.children.allTests()]);
    const inState = (state: string) => tests.filter(test => test.result().state === state).length;
    const failures = modules.flatMap(module => failuresOf(module));
    if (unhandled.length > 0) failures.push(failure('an error that nobody caught', unhandled));
    const counts: Counts = {
      passed: inState('passed'),
      failed: failures.length,
      skipped: inState('skipped') + inState('pending'),
      success: reason === 'passed' && failures.length === 0,
      failures,
      costs: modules.map(costOf),
      ownCpuSeconds: ownCpuSeconds(),
    };
    writeFileSync(this.#file, JSON.stringify(counts));
  }
}

function ownCpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function costOf(module: TestModule): FileCost {
  const { duration, collectDuration, setupDuration } = module.diagnostic();
  return {
    file: relative(module.project.config.root, module.moduleId),
    cpuSeconds: module.meta().cpuSeconds,
    wallSeconds: (duration + collectDuration + setupDuration) / 1000,
  };
}

function failuresOf(module: TestModule): Failure[] {
  const file = relative(module.project.config.root, module.moduleId);
  const all: Failure[] = [];
  if (module.errors().length > 0) all.push(failure(file, module.errors()));
  for (const suite of module.children.allSuites())
    if (suite.errors().length > 0) all.push(failure(`${file} > ${suite.fullName} (a hook)`, suite.errors()));
  for (const test of module.children.allTests('failed'))
    all.push(failure(`${file} > ${test.fullName}`, test.result().errors ?? []));
  return all;
}

function failure(name: string, errors: Errors): Failure {
  const lines = errors.flatMap(({ stack, message }) => (stack ?? message).split('\n'));
  return { name, message: lines.filter(line => !/^ +at .*(node_modules|node:)/.test(line)).join('\n') };
}
