import { CANDIDATES_LIMIT, type CompletionInput, type ShellCandidate } from './candidate.ts';
import { withCompletionSession } from './fleet-sources.ts';

/** The controller is asked from this many letters on. Fewer letters match thousands of functions. */
const LEAST_TYPED = 2;

/**
 * Functions of the fleet's kernels by the beginning of their names, each with its prototype in one of the
 * kernels.
 */
export async function functionNames(input: CompletionInput): Promise<readonly ShellCandidate[]> {
  const { typed } = input;
  if (typed.length < LEAST_TYPED || !/^[A-Za-z_]\w*$/.test(typed)) return [];
  const query = { pattern: `${typed}*`, selector: '*', limit: CANDIDATES_LIMIT };
  const { groups } = await withCompletionSession(input, ({ client }) => client.call('listFunctions', query));
  const prototypes = new Map(groups.map(({ name, prototype }) => [name, prototype]));
  return [...prototypes].map(([value, description]) => ({ value, description }));
}

/** Functions for the name at the end of a program. */
export async function programNames(input: CompletionInput): Promise<readonly ShellCandidate[]> {
  const name = /[A-Za-z_]\w*$/.exec(input.typed)?.[0] ?? '';
  const before = input.typed.slice(0, input.typed.length - name.length);
  const names = await functionNames({ ...input, typed: name });
  return names.map(each => ({ ...each, value: `${before}${each.value}` }));
}
