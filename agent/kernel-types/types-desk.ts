import { type QuestionDesk, questionDesk } from '../answering/index.ts';
import type { Bus } from '../bus/index.ts';
import type { TypesContext } from './answer-types.ts';
import { TypesShelf } from './types-shelf.ts';

/** Most parts that a host tells: all of a kernel's, a few times. */
const RATE = { answers: 300, windowMs: 600_000 };

/** What a desk works with. */
export interface TypesDeskOptions {
  readonly bus: Pick<Bus, 'publish'>;
  readonly context: TypesContext;
  /** Has this host come up to the newest trust bundle. */
  readonly catchUp: () => Promise<void>;
}

/** Answers questions for parts of what this kernel has; when it stops, it forgets what was packed too. */
export function typesDesk({ bus, context, catchUp }: TypesDeskOptions): QuestionDesk {
  const { stages, clock } = context;
  const shelf = new TypesShelf(() => stages.types(), clock);
  const desk = questionDesk({
    ...{ bus, context, catchUp, topic: 'types', rate: RATE },
    async answer(bytes, mayAnswer) {
      // Most agents are never asked: what answers is loaded when it is needed.
      const { answerTypes } = await import('./answer-types.ts');
      return answerTypes(bytes, context, { shelf, mayAnswer });
    },
  });
  return {
    ...desk,
    stop() {
      desk.stop();
      shelf.clear();
    },
  };
}
