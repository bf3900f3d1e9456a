import { CheckedLibrary, KernelNames, type KernelNamesInput, Questions } from '../check/index.ts';
import { type PreparedLibrary, prepareLibrary } from '../preprocessor/index.ts';
import { type ParsedLibrary, parseLibrary } from '../program/index.ts';
import { RecordedNames } from './recorded-names.ts';

/** Characters of library texts whose trees are kept for one kernel: some 60 bytes of memory for each. */
const KEPT_LIMIT = 64 << 10;

/** A part of the library, ready for the programs that stand behind it on one kernel. */
export interface ReadyLibrary {
  readonly prepared: PreparedLibrary;
  readonly parsed: ParsedLibrary;
  readonly checked: CheckedLibrary;
  /** What it has asked of the kernel on its way through the preprocessor. */
  readonly questions: Questions;
}

interface Kept extends ReadyLibrary {
  readonly recorded: RecordedNames;
}

/**
 * The parts of the library that programs have brought along, by their exact text, as far as one kernel has
 * seen them. A text is taken apart and checked once, however many programs stand behind it.
 *
 * Threat: a host compiles something else than what was approved. What is kept is what this process has made
 * of just this text, and it is made again as soon as the kernel answers otherwise: modules come and go.
 */
export class LibraryCache {
  /** The one that was used last is at the end. */
  readonly #kept = new Map<string, Kept>();

  /**
   * The library `text`, by the names of `input`; undefined where it is empty. Throws PROGRAM_* and SYMBOL_*.
   */
  ready(text: string, input: KernelNamesInput): ReadyLibrary | undefined {
    if (text === '') return undefined;
    const key = `${input.mentioned.join(' ')}\n${text}`;
    const known = this.#kept.get(key);
    this.#kept.delete(key);
    const ready = known?.recorded.stillHold(input) ? known : makeReady(text, input);
    this.#kept.set(key, ready);
    this.#dropOldest();
    return ready;
  }

  #dropOldest(): void {
    let characters = 0;
    for (const key of [...this.#kept.keys()].reverse()) {
      characters += key.length;
      if (characters > KEPT_LIMIT && characters > key.length) this.#kept.delete(key);
    }
  }
}

function makeReady(text: string, input: KernelNamesInput): Kept {
  const recorded = new RecordedNames(input);
  const names = new KernelNames(recorded.input);
  const questions = new Questions(names);
  const prepared = prepareLibrary(text, { ask: (...asked) => questions.ask(text, ...asked) });
  const parsed = parseLibrary(prepared, names.isTypedef);
  const checked = new CheckedLibrary(prepared.source, parsed.statements, names);
  // The tokens are in the tree.
  return { prepared: { ...prepared, tokens: [] }, parsed, checked, questions, recorded };
}
