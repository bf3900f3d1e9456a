import { resolve } from 'node:path';
import type { Command } from 'commander';
import { systemClock } from '../shared/clock/index.ts';
import type { SetupFlags } from './setup/index.ts';

/** `farcall-controller setup`. `folder` is the default of its option. */
export function addSetup(program: Command, folder: string): void {
  const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
  const member = 'NAME=FILE with a public key, or NAME, for whom a key is made here; may be repeated';
  program
    .command('setup')
    .summary('make a whole site: keys, first trust bundle, broker and controller, and start them')
    .description(
      'Makes a whole site, with its first trust bundle, and starts broker and controller under systemd. It asks for what the options do not say. ' +
        'Called again, it finishes what is missing; another site is never changed.',
    )
    .option('--folder <folder>', 'a new or empty folder for the site', folder)
    .option(
      '--host <host>',
      'name or IP address of this machine; hosts are told the first; may be repeated',
      collect,
    )
    .option('--name <name>', "the controller's name in the trust bundle")
    .option('--root <member>', `a root: ${member}; more than half of them must sign`, collect)
    .option('--requester <member>', `who may ask: ${member}`, collect)
    .option('--approver <member>', `who may approve: ${member}; two must agree if there are two`, collect)
    .option('--listen <address>', 'IP address on which both listen', '0.0.0.0')
    .option('--api-port <port>', 'port of the operator API', '7440')
    .option('--broker-port <port>', 'port of the broker', '4222')
    .addHelpText(
      'after',
      '\nExamples:\n  farcall-controller setup\n' +
        '  farcall-controller setup --host ctl.example.org --name ctl-1 --root rob=rob.pub --root rose=rose.pub \\\n' +
        '    --requester alice=alice.pub --approver bob=bob.pub --approver carol=carol.pub',
    )
    .action(setup);
  async function setup({
    folder: chosen,
    ...flags
  }: SetupFlags & { readonly folder: string }): Promise<void> {
    // Imported only here: a running controller makes no site.
    const { nextSteps, setUp } = await import('./setup/index.ts');
    const { processTerminal } = await import('./cli/session/index.ts');
    const terminal = processTerminal();
    const site = await setUp({
      ...{ folder: chosen, standardFolder: folder, flags, clock: systemClock },
      ask: terminal.canAsk ? question => terminal.ask(question) : undefined,
      say: line => console.log(line),
    });
    console.log(nextSteps(resolve(chosen), site).join('\n'));
  }
}
