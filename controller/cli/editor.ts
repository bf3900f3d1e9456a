import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { FarcallError } from '../../shared/errors/index.ts';
import { printable } from '../views/index.ts';

/**
 * A program that a person writes in an editor, in a private file (0600) that stays until it is dropped.
 */
export interface EditedProgram {
  readonly file: string;
  /** Opens it, with what is wrong with it so far; resolves to the program, empty where there is none. */
  edit(problems: readonly string[]): string;
  /** Removes the file. */
  drop(): void;
}

/** Everything from this line on is not the program. */
const CUT = '// ------------------------ >8 ------------------------';

const TEMPLATE = [
  'Nothing from the line above on is part of the program. Without a program, nothing is asked for.',
  '',
  'The program is C; the value of its last expression is the result:',
  '',
  '    struct task_struct *t = find_task(4242);   // or ends as skipped',
  '    require(t->__state & 2);                   // false: skipped, nothing done',
  '    wake_up_process(t)',
  '',
  'farcall help programs tells more.',
];

/** Makes the file of a program that is to be written with VISUAL or EDITOR, or vi. */
export function newEditedProgram(env: Readonly<Record<string, string | undefined>>): EditedProgram {
  const file = join(mkdtempSync(join(tmpdir(), 'farcall-program-')), 'program.c');
  let program = '';
  return {
    file,
    edit(problems) {
      const wrong = problems.length > 0 ? ['What is wrong with it so far:', '', ...problems, ''] : [];
      const comments = [...wrong, ...TEMPLATE].map(line => `// ${printable(line)}`.trimEnd());
      writeFileSync(file, `${[program.trimEnd(), '', CUT, ...comments].join('\n')}\n`, { mode: 0o600 });
      runEditor(env['VISUAL'] || env['EDITOR'] || 'vi', file, env);
      program = programIn(readFileSync(file, 'utf8'));
      // What is kept can be given to --file as it is.
      writeFileSync(file, program);
      return program;
    },
    drop: () => rmSync(dirname(file), { recursive: true, force: true }),
  };
}

function programIn(text: string): string {
  const lines = text.split('\n');
  const end = lines.indexOf(CUT);
  const program = lines
    .slice(0, end < 0 ? undefined : end)
    .join('\n')
    .trim();
  return program === '' ? '' : `${program}\n`;
}

/** As git does: the shell reads the command, so it may have options. */
function runEditor(command: string, file: string, env: Readonly<Record<string, string | undefined>>): void {
  const { status, error } = spawnSync('/bin/sh', ['-c', `${command} "$1"`, command, file], {
    stdio: 'inherit',
    env,
  });
  if (status === 0) return;
  throw new FarcallError(
    'CONFIG_INVALID',
    `the editor '${command}' (VISUAL, EDITOR) did not end well; what was written is in ${file}`,
    { cause: error },
  );
}
