import { signedPlanReplyCodec } from '../../shared/messages/index.ts';
import { type QuestionDesk, questionDesk } from '../answering/index.ts';
import type { Bus } from '../bus/index.ts';
import { answerPlan, type PlanContext } from './answer-plan.ts';

/** Most plans that a host makes. */
const RATE = { answers: 30, windowMs: 60_000 };

/** What a desk works with. */
export interface PlanDeskOptions {
  readonly bus: Pick<Bus, 'publish'>;
  readonly context: PlanContext;
  /** Has this host come up to the newest trust bundle. */
  readonly catchUp: () => Promise<void>;
}

/** Answers queries for plans; a plan gives way every few milliseconds, and a call runs in a process of its own. */
export function planDesk({ bus, context, catchUp }: PlanDeskOptions): QuestionDesk {
  return questionDesk({
    ...{ bus, context, catchUp, topic: 'plan', rate: RATE },
    answer: async (bytes, mayAnswer) =>
      signedPlanReplyCodec.encode(await answerPlan(bytes, context, mayAnswer)),
  });
}
