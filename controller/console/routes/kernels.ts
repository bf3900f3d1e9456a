import { z } from 'zod';
import type { CheckJson, CompletionsJson, FunctionsJson } from '../../views/index.ts';
import { type BodyOf, bodyOf, type ConsoleCall, numberIn, type Routes } from './route.ts';

const kernel = z
  .strictObject({ release: z.string(), version: z.string().default(''), arch: z.string() })
  .transform(named => ({ ...named, hosts: 0 }));
const checkSchema = z.strictObject({ program: z.string(), kernel }) satisfies z.ZodType<
  unknown,
  BodyOf<'POST check'>
>;
const completeSchema = z.strictObject({
  program: z.string(),
  offset: z.int().min(0),
  kernel,
}) satisfies z.ZodType<unknown, BodyOf<'POST complete'>>;

/** As many as a list beside an editor can show. */
const CANDIDATES_LIMIT = 100;
const FUNCTIONS_LIMIT = 200;

/** Routes about the kernels of the fleet, for people who write programs. */
export const KERNEL_ROUTES = {
  'GET kernels': ({ api, query }) => api.call('listKernels', { selector: query.get('selector') || '*' }),
  'GET functions': listFunctions,
  'POST check': checkProgram,
  'POST complete': completeProgram,
} satisfies Partial<Routes>;

async function listFunctions({ api, query }: ConsoleCall): Promise<FunctionsJson> {
  return await api.call('listFunctions', {
    pattern: query.get('pattern') ?? '',
    selector: query.get('selector') || '*',
    limit: Math.min(numberIn(query, 'limit', 50), FUNCTIONS_LIMIT),
  });
}

async function checkProgram({ api, body }: ConsoleCall): Promise<CheckJson> {
  return await api.call('checkProgram', bodyOf(checkSchema, body));
}

async function completeProgram({ api, body }: ConsoleCall): Promise<CompletionsJson> {
  return await api.call('completeProgram', { ...bodyOf(completeSchema, body), limit: CANDIDATES_LIMIT });
}
