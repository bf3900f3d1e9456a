import { type Asked, type Candidate, MOST_CANDIDATES } from './candidate.ts';
import { asking } from './fleet-sources.ts';

/** So much of a name is typed before the controller is asked: fewer letters begin thousands of functions. */
const LEAST_TYPED = 2;

/** Functions of the fleet's kernels by the beginning of their names, each with a prototype that a kernel has for it. */
export async function functionNames(asked: Asked): Promise<readonly Candidate[]> {
  const { typed } = asked;
  if (typed.length < LEAST_TYPED || !/^[A-Za-z_]\w*$/.test(typed)) return [];
  const query = { pattern: `${typed}*`, selector: '*', limit: MOST_CANDIDATES };
  const { groups } = await asking(asked, ({ client }) => client.call('listFunctions', query));
  const prototypes = new Map(groups.map(({ name, prototype }) => [name, prototype]));
  return [...prototypes].map(([value, description]) => ({ value, description }));
}

/** The same for the name at the end of a program. */
export async function programNames(asked: Asked): Promise<readonly Candidate[]> {
  const name = /[A-Za-z_]\w*$/.exec(asked.typed)?.[0] ?? '';
  const before = asked.typed.slice(0, asked.typed.length - name.length);
  const names = await functionNames({ ...asked, typed: name });
  return names.map(each => ({ ...each, value: `${before}${each.value}` }));
}
