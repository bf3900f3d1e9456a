import { exitOnOutputError } from '../shared/output/index.ts';
import { EXIT_LASTING, exitCodeAfter } from './cli/exit-code.ts';
import { helpText } from './cli/help-text.ts';

const HELP = `farcall-agent COMMAND [OPTIONS]

  enrol  makes this machine a host, with a token of farcall host enrol
  run    runs the agent of this host
  call   compiles one program and runs it in this host's kernel, without a controller
  plan   prints what one program would do in this host's kernel, and changes nothing
  policy checks a host policy file, and prints what is in force
  config checks the configuration, and prints what is in force
  doctor looks at everything that must hold for a call to run on this host
  checkpoint show  prints the checkpoints of the controller's audit log that this host holds

  COMMAND --help prints the options of a command; --version prints the version

Examples:
  farcall-agent enrol --token-file web-1.token
  farcall-agent plan 'for_each_task (t) report(t->pid, t->comm);'
  farcall-agent call '_printk("Hello, world %d\\n", 1234)'

Exit codes: 0 done, 1 failed, 2 a person must change something first (command line, configuration, kernel, journal)
`;

/**
 * The commands. Each is loaded only when it is called, so that starting is fast and an idle agent is small.
 */
const COMMANDS: Readonly<Record<string, () => Promise<(args: readonly string[]) => Promise<void>>>> = {
  enrol: async () => (await import('./cli/enrol-command.ts')).enrolCommand,
  run: async () => (await import('./cli/run-command.ts')).runCommand,
  config: async () => (await import('./cli/config-command.ts')).configCommand,
  policy: async () => (await import('./cli/policy-command.ts')).policyCommand,
  call: async () => (await import('./cli/call-command.ts')).callCommand,
  plan: async () => (await import('./cli/plan-command.ts')).planCommand,
  doctor: async () => (await import('./cli/doctor-command.ts')).doctorCommand,
  checkpoint: async () => (await import('./cli/checkpoint-command.ts')).checkpointCommand,
};

async function main([name, ...args]: readonly string[]): Promise<number> {
  if (name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(helpText(HELP));
    return 0;
  }
  if (name === '--version') {
    const { agentVersion } = await import('../shared/version/index.ts');
    process.stdout.write(`farcall-agent ${agentVersion()}\n`);
    return 0;
  }
  const command = name === undefined || !Object.hasOwn(COMMANDS, name) ? undefined : COMMANDS[name];
  if (!command) {
    const near = Object.keys(COMMANDS).find(each => name !== undefined && each.startsWith(name.slice(0, 2)));
    const hint = near === undefined ? '' : `; did you mean ${near}?`;
    process.stderr.write(
      name === undefined
        ? helpText(HELP)
        : `farcall-agent: there is no command '${name}'${hint}\n\n${helpText(HELP)}`,
    );
    return EXIT_LASTING;
  }
  try {
    await (await command())(args);
    return Number(process.exitCode ?? 0);
  } catch (thrown) {
    return exitCodeAfter(thrown);
  }
}

exitOnOutputError('farcall-agent');

// Without a top-level await, so that the build can turn it into CommonJS, which starts faster.
// The exit waits for stdout, so that a full disk is noticed.
void main(process.argv.slice(2)).then(code =>
  process.stdout.write('', () => setImmediate(() => process.exit(code))),
);
