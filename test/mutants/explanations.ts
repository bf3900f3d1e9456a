import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Mutant } from './mutate-room.ts';

/**
 * Mutants that no test can kill, and why. They are found by texts, so that they may move: `line` is the line
 * on which the mutant begins, `mutants` are pairs of what is replaced and its replacement. Spaces are not
 * compared.
 */
export const EXPLANATION = z.strictObject({
  file: z.string().min(1),
  line: z.string().min(1),
  mutants: z.array(z.tuple([z.string().min(1), z.string()])).min(1),
  /** Why the program does the same with it, or why no test can tell. */
  why: z.string().min(20),
});

export type Explanation = z.infer<typeof EXPLANATION>;

/** All of test/mutants/explained.json. */
export function readExplanations(): readonly Explanation[] {
  const text = readFileSync(new URL('./explained.json', import.meta.url), 'utf8');
  return z.array(EXPLANATION).parse(JSON.parse(text));
}

/** `text` on one line, with single spaces. */
export function onOneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** Whether one of `explanations` is about `mutant`. */
export function isExplained(mutant: Mutant, explanations: readonly Explanation[]): boolean {
  return explanations.some(each => each.mutants.some(pair => isAbout(each, pair, mutant)));
}

/** What `explanations` say about mutants of files of `room` that are not among those `alive`. */
export function staleExplanations(
  room: string,
  alive: readonly Mutant[],
  explanations: readonly Explanation[],
): string[] {
  return explanations
    .filter(({ file }) => file.startsWith(`${room}/`))
    .flatMap(each =>
      each.mutants
        .filter(pair => !alive.some(mutant => isAbout(each, pair, mutant)))
        .map(([original, replacement]) => `${each.file}: ${each.line}\n    ${original} -> ${replacement}`),
    );
}

function isAbout(
  { file, line }: Explanation,
  [original, replacement]: readonly [string, string],
  mutant: Mutant,
): boolean {
  return (
    file === mutant.file &&
    onOneLine(line) === mutant.line &&
    onOneLine(original) === mutant.original &&
    onOneLine(replacement) === mutant.replacement
  );
}
