import { fileURLToPath } from 'node:url';
import type { Compiler } from '../../../../agent/compiler/index.ts';
import { FarcallError } from '../../../../shared/errors/index.ts';
import { compiledWithLibrary } from '../../../agent/compiler/identifiers/compile-with-library.ts';
import { recordedKernels } from '../../../agent/compiler/identifiers/recorded-kernels.ts';
import { type Family, families, type Question } from './questions.ts';

/** Where the recording is of the kernel that the lines are compiled for. */
export const PARITY_KERNELS = fileURLToPath(new URL('kernels/', import.meta.url));

/** The kernel. */
export const PARITY_KERNEL = '6.12-amd64';

/** A family, and which of its questions are answered: their lines compile, and only read. */
export interface FamilyAnswers {
  readonly family: Family;
  readonly answered: readonly Question[];
}

/** Compiles the line of every question. */
export function answers(): FamilyAnswers[] {
  const [, compiler] = recordedKernels(PARITY_KERNELS).find(([name]) => name === PARITY_KERNEL)!;
  return families().map(family => {
    return { family, answered: family.questions.filter(question => isAnswered(compiler, question)) };
  });
}

function isAnswered(compiler: Compiler, { line, program }: Question): boolean {
  if (line === undefined) return false;
  try {
    return compiledWithLibrary(compiler, program).effect === 'read';
  } catch (error) {
    if (error instanceof FarcallError && error.code !== 'INTERNAL') return false;
    throw error;
  }
}

/** The page that compares farcall with drgn. */
export function parityPage(found: readonly FamilyAnswers[] = answers()): string {
  const sum = (count: (each: FamilyAnswers) => number): number =>
    found.reduce((all, each) => all + count(each), 0);
  const asked = sum(({ family }) => family.questions.length);
  const rows = found.map(
    ({ family, answered }) =>
      `| [${family.name}](#${family.name.replaceAll(' ', '-')}) | ${family.questions.length} | ${answered.length} |`,
  );
  return `${HEAD}
farcall answers ${sum(({ answered }) => answered.length)} of ${asked} questions in a line.

| family | questions | answered |
| --- | --- | --- |
${rows.join('\n')}

${found.map(section).join('\n\n')}
`;
}

const HEAD = `# Questions that drgn answers

[drgn](https://drgn.readthedocs.io) has helpers for looking into a kernel, in modules that are named here as drgn names them, and commands that are named as those
of crash. This page says how a call program answers the same question. Every line was compiled for Linux 6.12 (Debian, amd64) when this page was written, and
only reads: it needs no module and changes nothing. The line "Given" of a family declares what its lines are about.

Where another kernel has the thing under another name, \`#if __has_member(…)\` and its like choose; the library does so for what it has.
[The library](reference/library.md) lists all of its names. What has no line yet is listed below each table.

\`node test/shared/library/parity/write-page.ts\` writes this page.
`;

function section({ family, answered }: FamilyAnswers): string {
  const open = family.questions.filter(question => !answered.includes(question));
  const rows = answered.map(({ name, line }) => `| ${name} | \`\`${line!.replaceAll('|', '\\|')}\`\` |`);
  const table = rows.length > 0 ? `\n\n| question | a line of C |\n| --- | --- |\n${rows.join('\n')}` : '';
  const missing = open.length > 0 ? `\n\nNot answered: ${open.map(({ name }) => name).join(', ')}.` : '';
  return `## ${family.name}\n\nGiven: \`\`${family.given}\`\`${table}${missing}`;
}
