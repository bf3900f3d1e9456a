import { systemClock } from '../../shared/clock/index.ts';
import { runCli } from './run-cli.ts';
import { processTerminal } from './terminal.ts';

// Who reads what is printed may have enough of it: `farcall report ID --format jsonl | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

const context = { terminal: processTerminal(), clock: systemClock, env: process.env };

// Without a top-level await, so that the build can make CommonJS of it, which starts faster.
void runCli(process.argv.slice(2), context).then(code => {
  process.exitCode = code;
});
