import type { PlanDraft } from '../../../shared/messages/index.ts';
import { type ConsoleApi, type EventOf, type PlanJson, planToJson, readPlan } from '../../views/index.ts';
import { bodyOf, type ConsoleCall, objectSchema, type Routes } from './route.ts';

const DIGEST = /^[0-9a-f]{64}$/;

/** Routes about plans of programs. */
export const PLAN_ROUTES = { 'POST plans': makePlan, 'GET plans/:id': findPlan } satisfies Partial<Routes>;

type PlanEvent = EventOf<ConsoleApi['POST plans']['events']>;

async function* makePlan({ api, body, signal }: ConsoleCall): AsyncGenerator<PlanEvent> {
  const draft = bodyOf(objectSchema, body) as PlanDraft;
  for await (const { asked, answered, plan } of api.stream('planCall', draft, signal)) {
    yield { event: 'progress', data: { asked, answered } };
    if (plan) yield { event: 'plan', data: planToJson(readPlan(plan)) };
  }
}

/**
 * Finds a plan by its id, or by the digest by which a request names it. By its digest it is the plan of
 * exactly these bytes.
 */
async function findPlan({ api, params: { id = '' } }: ConsoleCall): Promise<PlanJson> {
  if (!DIGEST.test(id)) return planToJson(readPlan(await api.call('getPlan', { id })));
  const digest = Buffer.from(id, 'hex');
  return planToJson(readPlan(await api.call('getPlan', { digest }), digest));
}
