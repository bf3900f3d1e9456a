import type { Machine } from '../../../tools/machine/index.ts';
import { CaseResults } from '../suite/case.ts';
import { type GuestStep, type ProgramResult, runPrograms } from '../support/programs-in-guest.ts';

/** Takes steps in a guest, and keeps what came of each by its name. */
export class GuestCook {
  readonly #machine: Machine;
  readonly #results: Record<string, ProgramResult> = {};

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** What came of all steps until now. */
  get results(): CaseResults {
    return new CaseResults(this.#results);
  }

  /** Takes the steps, in their order. */
  async take(steps: Readonly<Record<string, GuestStep>>): Promise<CaseResults> {
    const names = Object.keys(steps);
    const { results } = await runPrograms(this.#machine, Object.values(steps));
    names.forEach((name, index) => {
      this.#results[name] = results[index]!;
    });
    return this.results;
  }
}
