import { type Ask, type Offset, programError, type SourceText } from '../../preprocessor/index.ts';
import { answerOf, type KernelNames } from '../names/index.ts';

/** A question that a program asks of its kernel, and the answer. */
export interface KernelAnswer {
  /** `__has_member(struct net, ns.count)` */
  readonly question: string;
  /** 1 or 0, or the number of the release. */
  readonly answer: bigint;
  /** Where it is asked first. */
  readonly at: Offset;
}

/**
 * Asks the kernel what a program asks, and keeps the answers, yes and no alike: they decide which code the
 * approved text is on this kernel, so plans show them.
 */
export class Questions {
  readonly #names: KernelNames;
  readonly #answers = new Map<string, KernelAnswer>();

  constructor(names: KernelNames) {
    this.#names = names;
  }

  /** Each question once, in the order in which they were asked. */
  get answers(): readonly KernelAnswer[] {
    return [...this.#answers.values()];
  }

  /** Keeps answers that this kernel has given before. */
  take(answers: readonly KernelAnswer[]): void {
    for (const answer of answers)
      if (!this.#answers.has(answer.question)) this.#answers.set(answer.question, answer);
  }

  /** The answer. Throws PROGRAM_UNSUPPORTED where it is not known. */
  ask(source: SourceText, ...[question, text, at]: Parameters<Ask>): bigint {
    const known = this.#answers.get(text);
    if (known) return known.answer;
    const answer = answerOf(this.#names, question);
    if (answer === undefined)
      throw programError('PROGRAM_UNSUPPORTED', source, at, 'the release of this kernel is not known here');
    this.#answers.set(text, { question: text, answer, at });
    return answer;
  }
}
