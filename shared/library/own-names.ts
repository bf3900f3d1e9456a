/** Words that may stand before a loop of a macro with a body: `else for_each_x(y) {`. */
const STATEMENT_WORDS = new Set(['else', 'do', 'return', 'case', 'default', 'if', 'while', 'for', 'switch']);

/**
 * Names that a program defines for itself, as macros or functions, or declares as functions of the kernel, so
 * that the library must not define them: what the program says is what its approvers read.
 */
export function ownNames(program: string): Set<string> {
  const names = new Set<string>();
  for (const [, name] of program.matchAll(/^[ \t]*#[ \t]*define[ \t]+(\w+)/gm)) names.add(name!);
  for (const [, name] of program.matchAll(/\bextern\b[^;{}()=]*?\b([A-Za-z_]\w*)\s*\([^;{}]*\)\s*;/g))
    names.add(name!);
  for (const [, before, name] of program.matchAll(
    /\b([A-Za-z_]\w*)[\s*]+([A-Za-z_]\w*)\s*\([^(){};]*\)\s*\{/g,
  ))
    if (!STATEMENT_WORDS.has(before!)) names.add(name!);
  return names;
}
