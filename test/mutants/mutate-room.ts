import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cpuSecondsOf } from '../kit/cpu-seconds.ts';
import { onOneLine } from './explanations.ts';
import { reportOf } from './rooms.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A change of one place of the code, and what the tests said to it. Texts are on one line. */
export interface Mutant {
  readonly file: string;
  /** From 1. */
  readonly lineNumber: number;
  /** The line on which it begins. */
  readonly line: string;
  readonly original: string;
  readonly replacement: string;
  readonly end: 'killed' | 'survived' | 'not covered';
}

/** All mutants of a room, and what finding out about them took. */
export interface MutatedRoom {
  readonly room: string;
  readonly mutants: readonly Mutant[];
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
}

interface Position {
  /** From 1, as `column`. */
  readonly line: number;
  readonly column: number;
}

/** The part of mutation-testing-report-schema 2 that is read. */
interface Report {
  readonly files: Readonly<
    Record<
      string,
      {
        readonly source: string;
        readonly mutants: readonly {
          readonly status: string;
          readonly replacement: string;
          readonly location: { readonly start: Position; readonly end: Position };
        }[];
      }
    >
  >;
}

/** Mutants of these ends are none: excluded ones, and such that do not even run. */
const ENDS: Readonly<Record<string, Mutant['end'] | undefined>> = {
  Killed: 'killed',
  Timeout: 'killed',
  Survived: 'survived',
  NoCoverage: 'not covered',
};

/** Has Stryker mutate `room` and run its tests against each mutant, as idle work of one process. */
export function mutateRoom(room: string): MutatedRoom {
  const since = { ms: Date.now(), cpu: cpuSecondsOf(process.pid) };
  const bin = dirname(createRequire(import.meta.url).resolve('@stryker-mutator/core/package.json'));
  const stryker = [process.execPath, join(bin, 'bin/stryker.js'), 'run', 'test/mutants/stryker.config.mjs'];
  const { status } = spawnSync('nice', ['-n', '19', ...stryker], {
    cwd: ROOT,
    env: { ...process.env, FARCALL_MUTANTS: room },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error(`Stryker ended with ${status} in ${room}; see stryker.log`);
  return {
    room,
    mutants: mutantsIn(JSON.parse(readFileSync(join(ROOT, reportOf(room)), 'utf8')) as Report),
    wallSeconds: (Date.now() - since.ms) / 1000,
    cpuSeconds: cpuSecondsOf(process.pid) - since.cpu,
  };
}

function mutantsIn({ files }: Report): Mutant[] {
  return Object.entries(files).flatMap(([file, { source, mutants }]) => {
    const lines = source.split('\n');
    return mutants.flatMap(({ status, replacement, location: { start, end: stop } }) => {
      const end = ENDS[status];
      if (end === undefined) return [];
      return {
        file,
        lineNumber: start.line,
        line: onOneLine(lines[start.line - 1]!),
        original: onOneLine(source.slice(offsetOf(lines, start), offsetOf(lines, stop))),
        replacement: onOneLine(replacement),
        end,
      };
    });
  });
}

function offsetOf(lines: readonly string[], { line, column }: Position): number {
  return lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, column - 1);
}
