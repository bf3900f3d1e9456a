import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A question that a helper of drgn answers, and farcall's answer to it. */
export interface Question {
  /** As drgn names it. */
  readonly name: string;
  /** One line of C; undefined where farcall has none. */
  readonly line: string | undefined;
  /** The line behind what it needs to be declared. */
  readonly program: string;
}

/** Questions of one subject: a module of drgn, or its commands. */
export interface Family {
  readonly name: string;
  /** What its lines have declared. */
  readonly given: string;
  readonly questions: readonly Question[];
}

const FILES = ['structures.txt', 'kernel.txt', 'tasks.txt', 'crash.txt'] as const;

/** Every family, in the order of the files. */
export function families(): Family[] {
  return FILES.flatMap(file => {
    const text = readFileSync(fileURLToPath(new URL(file, import.meta.url)), 'utf8');
    return text.split(/^## /m).slice(1).map(readFamily);
  });
}

/** A family begins with its name and what its lines have declared; `flags:` stands for one flag of a page. */
function readFamily(text: string): Family {
  const [name, given, ...lines] = text.trim().split('\n') as [string, string, ...string[]];
  const declared = given.slice('given: '.length);
  const questions = lines.map(line => {
    const at = line.indexOf(': ');
    const flag = /^flags: (\w+) (\w+)$/.exec(line);
    const [asked, answer] = flag
      ? [flag[1]!, `page_flag(page, ${flag[2]})`]
      : [line.slice(0, at), line.slice(at + 2)];
    return { name: asked, line: answer === '-' ? undefined : answer, program: `${declared}\n${answer}` };
  });
  return { name, given: declared, questions };
}
