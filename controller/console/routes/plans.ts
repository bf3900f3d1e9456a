import type { PlanDraft } from '../../../shared/messages/index.ts';
import { planToJson, readPlan } from '../../views/index.ts';
import type { SentEvent } from '../http/index.ts';
import { bodyOf, type ConsoleCall, objectSchema, type Route } from './route.ts';

const DIGEST = /^[0-9a-f]{64}$/;

/** What programs would do. */
export const PLAN_ROUTES: readonly Route[] = [
  { method: 'POST', path: 'plans', events: makePlan },
  { method: 'GET', path: 'plans/:id', answer: findPlan },
];

async function* makePlan({ calls, body, signal }: ConsoleCall): AsyncGenerator<SentEvent> {
  const draft = bodyOf(objectSchema, body) as PlanDraft;
  for await (const { asked, answered, plan } of calls.stream('planCall', draft, signal)) {
    yield { event: 'progress', data: { asked, answered } };
    if (plan) yield { event: 'plan', data: planToJson(readPlan(plan)) };
  }
}

/** By its id, or by the digest by which a request names it; then it is the plan of these very bytes. */
async function findPlan({ calls, params: { id = '' } }: ConsoleCall): Promise<object> {
  if (!DIGEST.test(id)) return planToJson(readPlan(await calls.call('getPlan', { id })));
  const digest = Buffer.from(id, 'hex');
  return planToJson(readPlan(await calls.call('getPlan', { digest }), digest));
}
