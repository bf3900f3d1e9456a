import { systemClock } from '../../shared/clock/index.ts';
import { endSoon, exitOnOutputError } from '../../shared/output/index.ts';
import { runCli } from './run-cli.ts';
import { processTerminal } from './session/index.ts';

exitOnOutputError('farcall');

const context = { terminal: processTerminal(), clock: systemClock, env: process.env };

// There is no top-level await, because the build makes CommonJS of this, which starts faster.
void runCli(process.argv.slice(2), context).then(endSoon);
