import { page, table } from './markdown.ts';
import { allRecipes, type Recipe } from './recipes.ts';

/** docs/guide/cookbook.md: every program of `recipes/`, by subject. */
export function cookbookPage(recipes: readonly Recipe[] = allRecipes()): string {
  const subjects = [...Map.groupBy(recipes, ({ subject }) => subject)];
  return page('Cookbook', [
    INTRODUCTION,
    ...subjects.map(([subject, of]) =>
      table(
        [subject, 'effect', 'what it is'],
        of.map(({ name, effect, title }) => [`[${name}](#${name})`, effect, title]),
      ),
    ),
    ...subjects.flatMap(([subject, of]) => [`## ${subject}`, ...of.flatMap(section)]),
    'Next: [Plans](plans.md)',
  ]);
}

const INTRODUCTION = `farcall brings programs for what operators of a fleet meet again and again. They are in \`recipes/\` of a checkout, and in \`/usr/share/farcall/recipes\` of
the package \`farcall\`. Nobody has signed or approved them: read a recipe before you use it, as your approvers will.

Copy the file, and change what stands behind the \`=\` of its parameters. Each host refuses a value that is not within the bounds beside it. Then look at what
the program would do, and request it:

    farcall plan --file wake-task.c --hosts web-1
    farcall request --file wake-task.c --hosts web-1 --reason 'lost wake-up'

The comment is a part of the program. So approvers read what it does, what can go wrong, and how to undo it.

One text serves all kernels that farcall supports: it asks each kernel what it has. Where a kernel lacks what a recipe is about, the outcome is
\`skipped\`, or the plan says that the program does not apply. A read needs no module. The effect that stands here is the highest on any kernel.

What \`undo\` says is for people. farcall takes nothing back by itself.`;

function section(recipe: Recipe): string[] {
  const { name, title, effect, when, does, risk, undo, parameters, path } = recipe;
  return [
    `### ${name}`,
    `${title} Effect: ${effect}. File: \`${path}\`.`,
    [
      `- When: ${when}`,
      `- What it does: ${does}`,
      `- What can go wrong: ${risk}`,
      `- How to undo it: ${undo}`,
    ].join('\n'),
    ...(parameters.length > 0
      ? [
          table(
            ['parameter', 'preset', 'what it may be'],
            parameters.map(({ name: parameter, preset, meaning }) => [
              `\`${parameter}\``,
              `\`${preset}\``,
              meaning,
            ]),
          ),
        ]
      : []),
    codeOf(recipe),
  ];
}

/** The program without its comment, as a block of code. */
function codeOf({ program }: Recipe): string {
  const lines = program.trimEnd().split('\n');
  return lines
    .slice(lines.findIndex(line => !line.startsWith('//')))
    .map(line => `    ${line}`.trimEnd())
    .join('\n');
}
