import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { FarcallError } from '../../../shared/errors/index.ts';
import { printable } from '../../views/index.ts';

/** A program that an operator writes in their editor. Its file (0600) stays until `remove`. */
export interface EditedProgram {
  readonly file: string;
  /** Opens the editor with the program and its problems so far. Returns the program, which may be empty. */
  edit(problems: readonly string[]): string;
  /** Removes the file. */
  remove(): void;
}

/** This line and everything below it are not part of the program. */
const CUT = '// ------------------------ >8 ------------------------';

const TEMPLATE = [
  'The program ends at the line above. If it is empty, nothing is sent.',
  '',
  'The program is C. The value of its last expression is the result:',
  '',
  '    struct task_struct *t = find_task(4242);   // no such task: skipped',
  '    require(t->__state & 2);                   // false: skipped',
  '    wake_up_process(t)',
  '',
  'See farcall help programs.',
];

/** Makes the file of a program that an operator will write with VISUAL, EDITOR or vi. */
export function newEditedProgram(env: Readonly<Record<string, string | undefined>>): EditedProgram {
  const file = join(mkdtempSync(join(tmpdir(), 'farcall-program-')), 'program.c');
  let program = '';
  return {
    file,
    edit(problems) {
      const found = problems.length > 0 ? ['Problems so far:', '', ...problems, ''] : [];
      const comments = [...found, ...TEMPLATE].map(line => `// ${printable(line)}`.trimEnd());
      writeFileSync(file, `${[program.trimEnd(), '', CUT, ...comments].join('\n')}\n`, { mode: 0o600 });
      runEditor(env['VISUAL'] || env['EDITOR'] || 'vi', file, env);
      program = programIn(readFileSync(file, 'utf8'));
      // Without the comments, a file that is kept can be given to --file.
      writeFileSync(file, program);
      return program;
    },
    remove: () => rmSync(dirname(file), { recursive: true, force: true }),
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

/** The shell reads the command, as with git, so the command may have options. */
function runEditor(command: string, file: string, env: Readonly<Record<string, string | undefined>>): void {
  const { status, error } = spawnSync('/bin/sh', ['-c', `${command} "$1"`, command, file], {
    stdio: 'inherit',
    env,
  });
  if (status === 0) return;
  throw new FarcallError(
    'CONFIG_INVALID',
    `the editor '${command}' (from VISUAL or EDITOR) failed; your text is in ${file}`,
    { cause: error },
  );
}
