import { systemClock } from '../../shared/clock/index.ts';
import { runCli } from './run-cli.ts';
import { processTerminal } from './terminal.ts';

const context = { terminal: processTerminal(), clock: systemClock, env: process.env };
process.exitCode = await runCli(process.argv.slice(2), context);
