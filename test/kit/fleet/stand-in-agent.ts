// The agent as it is shipped, with a stand-in for the kernel: `node stand-in-agent.cjs --config FILE`, joined
// into one file.
//
// FARCALL_TEST_LOADS names a file that gets a line for each load. FARCALL_TEST_KILL_AT names the point at
// which the process kills itself with SIGKILL: compile, load-begin or load-end. FARCALL_TEST_KERNEL is what
// `uname -r` says. FARCALL_TEST_LACKS is what the kernel lacks, so that no agent can run on it.

import { setTimeout as delay } from 'node:timers/promises';
import { exitCodeAfter } from '../../../agent/cli/exit-code.ts';
import { runCommand } from '../../../agent/cli/run-command.ts';
import { FarcallError } from '../../../shared/errors/index.ts';
import { KERNEL_FACTS, RETURNED, standInStages } from '../../agent/support/stand-in-stages.ts';

const killAt = process.env['FARCALL_TEST_KILL_AT'];

function passes(point: string): void {
  if (point === killAt) process.kill(process.pid, 'SIGKILL');
}

const stages = standInStages({
  facts: () => ({
    ...KERNEL_FACTS,
    kernelRelease: process.env['FARCALL_TEST_KERNEL'] ?? KERNEL_FACTS.kernelRelease,
  }),
  loadsFile: process.env['FARCALL_TEST_LOADS'] ?? '/dev/null',
  compile() {
    passes('compile');
    return {};
  },
  async load(program) {
    passes('load-begin');
    if (program.includes('slow')) await delay(Number(/slow (\d+)/.exec(program)?.[1] ?? 100));
    passes('load-end');
    return RETURNED;
  },
});

function openStages(): typeof stages {
  const lacking = process.env['FARCALL_TEST_LACKS'];
  if (lacking !== undefined) throw new FarcallError('KERNEL_LACKS', `this kernel lacks ${lacking}`);
  return stages;
}

// Without a top-level await, which CommonJS does not have.
void runCommand(process.argv.slice(2), openStages)
  .then(() => 0, exitCodeAfter)
  .then(code => process.exit(code));
