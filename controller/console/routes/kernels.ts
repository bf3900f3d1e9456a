import { z } from 'zod';
import type { CompletionQuery } from '../../../shared/messages/index.ts';
import { bodyOf, type ConsoleCall, numberIn, type Route } from './route.ts';

const kernel = z
  .strictObject({ release: z.string(), version: z.string().default(''), arch: z.string() })
  .transform(named => ({ ...named, hosts: 0 }));
const checkSchema = z.strictObject({ program: z.string(), kernel });
const completeSchema = z.strictObject({ program: z.string(), offset: z.int().min(0), kernel });

/** As many as a list beside an editor can show. */
const COMPLETIONS = 100;
const FUNCTIONS = 200;

/** What the fleet's kernels have, for whoever writes a program. */
export const KERNEL_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: 'kernels',
    answer: ({ calls, query }) => calls.call('listKernels', { selector: query.get('selector') || '*' }),
  },
  { method: 'GET', path: 'functions', answer: listFunctions },
  { method: 'POST', path: 'check', answer: check },
  { method: 'POST', path: 'complete', answer: complete },
];

async function listFunctions({ calls, query }: ConsoleCall): Promise<object> {
  return await calls.call('listFunctions', {
    pattern: query.get('pattern') ?? '',
    selector: query.get('selector') || '*',
    limit: Math.min(numberIn(query, 'limit', 50), FUNCTIONS),
  });
}

async function check({ calls, body }: ConsoleCall): Promise<object> {
  const { findings, ...rest } = await calls.call('checkProgram', bodyOf(checkSchema, body));
  return { diagnostics: findings, ...rest };
}

async function complete({ calls, body }: ConsoleCall): Promise<object> {
  const asked: CompletionQuery = { ...bodyOf(completeSchema, body), limit: COMPLETIONS };
  return await calls.call('completeProgram', asked);
}
