import { toFarcallError } from '../../shared/errors/index.ts';
import type { Bus } from '../bus/index.ts';
import type { TypesContext } from './answer-types.ts';
import { TypesShelf } from './types-shelf.ts';

/** Questions that wait while one is answered; more are dropped, unread. */
const WAITING_LIMIT = 8;

/** Most parts that a host tells in {@link WINDOW_MS}: all of a kernel's, a few times. */
const PARTS_LIMIT = 300;
const WINDOW_MS = 600_000;

/** What a desk works with. */
export interface TypesDeskOptions {
  readonly bus: Pick<Bus, 'publish'>;
  readonly context: TypesContext;
}

/** Answers questions for parts of what this kernel has, one at a time, beside whatever order is carried out. */
export class TypesDesk {
  readonly #options: TypesDeskOptions;
  readonly #shelf: TypesShelf;
  readonly #waiting: Uint8Array[] = [];
  readonly #answeredAtMs: number[] = [];
  #working: Promise<void> | undefined;
  #stopped = false;

  constructor(options: TypesDeskOptions) {
    this.#options = options;
    const { stages, clock } = options.context;
    this.#shelf = new TypesShelf(() => stages.types(), clock);
  }

  /** Takes bytes in that came on the subject of types. */
  take(envelopeBytes: Uint8Array): void {
    if (this.#stopped) return;
    if (this.#waiting.length >= WAITING_LIMIT) {
      this.#options.context.counters.count('types.turned-away');
      return;
    }
    this.#waiting.push(envelopeBytes);
    this.#working ??= this.#work();
  }

  /** Resolves when no question is answered or waits. */
  async idle(): Promise<void> {
    await this.#working;
  }

  /** Forgets the questions that wait, and what was packed. */
  stop(): void {
    this.#stopped = true;
    this.#waiting.length = 0;
    this.#shelf.clear();
  }

  async #work(): Promise<void> {
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) await this.#answer(next);
    this.#working = undefined;
  }

  async #answer(envelopeBytes: Uint8Array): Promise<void> {
    const { bus, context } = this.#options;
    const { counters, log } = context;
    try {
      // Most agents are never asked: what answers is loaded when it is needed.
      const { answerTypes } = await import('./answer-types.ts');
      const service = { shelf: this.#shelf, mayAnswer: () => this.#mayAnswer() };
      bus.publish('types', await answerTypes(envelopeBytes, context, service));
      counters.count('types.answered');
    } catch (thrown) {
      const { code, message } = toFarcallError(thrown);
      if (counters.countAndSample(`types.ignored.${code}`))
        log.warn({ code, reason: message, bytes: envelopeBytes.length }, 'a question for types is ignored');
    }
  }

  #mayAnswer(): boolean {
    const nowMs = this.#options.context.clock.nowMs();
    const times = this.#answeredAtMs;
    while (times[0] !== undefined && Math.abs(nowMs - times[0]) >= WINDOW_MS) times.shift();
    if (times.length >= PARTS_LIMIT) return false;
    times.push(nowMs);
    return true;
  }
}
