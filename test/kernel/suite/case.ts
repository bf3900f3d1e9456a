import { expect } from 'vitest';
import type { GuestStep, ProgramResult, ProgramStep } from '../support/programs-in-guest.ts';
import type { Area } from './areas.ts';

/** One thing that is to hold in every kernel: what is done in the guest, and what must have come of it. */
export interface Case {
  readonly area: Area;
  readonly title: string;
  readonly steps: Readonly<Record<string, GuestStep>>;
  /** Throws, as vitest's `expect` does, where the results are wrong. */
  readonly check: (got: CaseResults) => void;
}

/** What came of the steps of one case, by their names. */
export class CaseResults {
  readonly #results: Readonly<Record<string, ProgramResult>>;

  constructor(results: Readonly<Record<string, ProgramResult>>) {
    this.#results = results;
  }

  /** What the kernel lacks for the case, as was found by looking; undefined where it has everything. */
  get lacking(): string | undefined {
    return Object.values(this.#results).find(({ outcome }) => outcome === 'lacks')?.message;
  }

  /** Names that had to be declared for want of types. */
  get declared(): readonly string[] {
    return Object.values(this.#results).flatMap(({ declared = [] }) => declared);
  }

  result(step: string): ProgramResult {
    const result = this.#results[step];
    if (!result) throw new Error(`there is no step ${step}`);
    return result;
  }

  /** The value of a program that must have returned, as text. */
  text(step: string): string | undefined {
    return this.#returned(step).value?.text;
  }

  /** The string or integer that a program must have returned. */
  plain(step: string): string | undefined {
    const { value } = this.#returned(step);
    return value?.string ?? value?.integer ?? value?.address;
  }

  /** The integer that a program must have returned. */
  integer(step: string): bigint {
    return BigInt(this.#returned(step).value?.integer ?? 'x');
  }

  /** Cells of the rows that a program brought, as plain text; it must have returned and dropped none. */
  rows(step: string): string[][] {
    const { rows = [], droppedRows } = this.#returned(step);
    expect(droppedRows ?? 0).toBe(0);
    return rows.map(row =>
      row.values.map(cell => cell.enumerator ?? cell.string ?? cell.integer ?? cell.address ?? cell.text),
    );
  }

  /** What a command printed that must have succeeded, without the last newline. */
  output(step: string): string {
    const { outcome, output = '' } = this.result(step);
    expect(outcome, output).toBe('exited with 0');
    return output.replace(/\n$/, '');
  }

  /** Lines of `output`, each split at white space. */
  table(step: string): string[][] {
    return this.output(step)
      .split('\n')
      .map(line => line.trim().split(/\s+/));
  }

  #returned(step: string): ProgramResult {
    const result = this.result(step);
    expect(result.outcome, `${step}: ${result.message ?? result.error?.message}`).toBe('returned');
    return result;
  }
}

type Options = Pick<ProgramStep, 'declare' | 'needs' | 'by'>;

/** A program whose value has this text. */
export function value(area: Area, program: string, text: string | RegExp, options: Options = {}): Case {
  return {
    area,
    title: program,
    steps: { it: { program, ...options } },
    check(got) {
      if (typeof text === 'string') expect(got.text('it')).toBe(text);
      else expect(got.text('it')).toMatch(text);
    },
  };
}

/** A program whose value is what a file of /proc says, too. */
export function sameAsFile(program: string, path: string, options: Options = {}): Case {
  return {
    area: 'reads',
    title: `${program} is ${path}`,
    steps: { it: { program, ...options }, file: cat(path) },
    check: got => expect(got.plain('it')?.trimEnd()).toBe(got.output('file').trimEnd()),
  };
}

/** A program whose value grows, and lies between what a command says before and after it. */
export function between(program: string, script: string, options: Options = {}): Case {
  return {
    area: 'reads',
    title: `${program} is between ${script} and ${script}`,
    steps: { before: sh(script), it: { program, ...options }, after: sh(script) },
    check(got) {
      const [before, after] = [BigInt(got.output('before')), BigInt(got.output('after'))];
      expect(got.integer('it')).toBeGreaterThanOrEqual(before);
      expect(got.integer('it')).toBeLessThanOrEqual(after);
    },
  };
}

/** A program that ends early, and what is said; the kernel must not have said anything. */
export function ends(program: string, outcome: string, message: RegExp, options: Options = {}): Case {
  return {
    area: 'ends',
    title: `${program} is ${outcome}`,
    steps: { it: { program, ...options } },
    check(got) {
      const { error, message: said, kernelLog, ...result } = got.result('it');
      expect(error?.message ?? said).toMatch(message);
      expect(result.outcome).toBe(outcome);
      // The watchdog of a slow machine speaks whenever it likes.
      expect(kernelLog.filter(line => !line.startsWith('clocksource:'))).toEqual([]);
    },
  };
}

/** A program that must not compile, and what is said about it. */
export function refused(program: string, code: string, message: RegExp, options: Options = {}): Case {
  return {
    area: 'ends',
    title: `${program} is ${code}`,
    steps: { it: { program, ...options } },
    check(got) {
      expect(got.result('it').message).toMatch(message);
      expect(got.result('it').code).toBe(code);
    },
  };
}

/** A step that prints a file of the guest. */
export const cat = (path: string): GuestStep => ({ file: path });

/** A step that runs a line of busybox's shell, with busybox's programs: they start in a tenth of the time. */
export const sh = (script: string): GuestStep => ({ command: ['busybox', 'sh', '-c', script] });

/** A step that runs a line of the guest's own shell: only its own programs load every kernel's modules. */
export const ownSh = (script: string): GuestStep => ({ command: ['sh', '-c', script] });
