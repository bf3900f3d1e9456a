import { BTF_KIND, type Btf } from './btf/index.ts';
import { HELPERS } from './codegen/index.ts';

/** Symbols that compiling looks up whatever the program is, beside those that the program names. */
const ALWAYS = [...Object.values(HELPERS).map(names => names[0]), '_sinittext', '_einittext'];

/**
 * The symbols that compiling `programs` may look up, so that a slow table is gone through once. It may name too many
 * (every word of a program) and miss some; both only cost time.
 */
export function namesNeeded(programs: readonly string[]): Set<string> {
  const names = new Set<string>(ALWAYS);
  for (const program of programs)
    for (const [name] of program.matchAll(/[A-Za-z_][A-Za-z0-9_]*/g)) names.add(name);
  return names;
}

/** Names of functions of type `int (void)`, which is what a module's init function is. */
export function* initFunctionNames(btf: Btf): Generator<string> {
  for (let id = btf.firstId; id < btf.endId; id++) {
    if (btf.kind(id) !== BTF_KIND.FUNC) continue;
    const prototype = btf.target(id);
    const result = btf.target(prototype);
    if (btf.params(prototype).length === 0 && btf.kind(result) === BTF_KIND.INT && btf.name(result) === 'int')
      yield btf.name(id);
  }
}
