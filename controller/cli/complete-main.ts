import { readFileSync } from 'node:fs';
import { config } from 'zod';
import { systemClock } from '../../shared/clock/index.ts';
import { endSoon, exitOnOutputError } from '../../shared/output/index.ts';
import { answerShell, SHELLS } from './completion/index.ts';

// `farcall __complete SHELL -- WORDS` of a release: the same as `addComplete`, by a file of all commands that
// the build wrote. To make these commands first takes longer than to answer.
exitOnOutputError('farcall');
// Each schema checks one answer here; to generate code for it first takes longer.
config({ jitless: true });

const [shellName, , ...words] = process.argv.slice(3);
const shell = SHELLS.find(each => each === shellName);
const program = JSON.parse(readFileSync(new URL('./commands.json', import.meta.url), 'utf8'));

if (shell)
  void answerShell(program, { clock: systemClock, env: process.env }, shell, words).then(lines => {
    process.stdout.write(`${lines.join('\n')}\n`);
    endSoon(0);
  });
