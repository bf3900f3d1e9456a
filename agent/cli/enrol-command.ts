import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { systemClock } from '../../shared/clock/index.ts';
import { type EnrolmentToken, parseEnrolmentToken } from '../../shared/enrolment/index.ts';
import { FarcallError, toFarcallError } from '../../shared/errors/index.ts';
import { readSecret } from '../../shared/files/index.ts';
import { enrol } from '../enrol/index.ts';

const HELP = `farcall-agent enrol (--token-file FILE | --token-stdin) [OPTIONS]

Makes this machine a host: makes its keys, redeems a one-time token of 'farcall host enrol' at a controller, and writes the
agent's configuration. The keys never leave this machine.

  --token-file FILE      the file with the token; only its owner may read it (0600)
  --token-stdin          read the token from standard input
  --config-directory D   for agent.json, policy.json, roots and certificates (default /etc/farcall)
  --state-directory D    for keys, credential and journal (default /var/lib/farcall)
  --skip-kernel-check    enrol although the kernel that runs now cannot be used, or will not be the machine's kernel
  --help                 this text

A token is never an argument, because every user of this machine can see arguments.
If there is a policy.json already, it stays. If there is none, the new one allows reads only: {"effects": ["read"]}.
`;

/**
 * `farcall-agent enrol`. Throws FarcallError if it comes to nothing. `check` says whether an agent can run on
 * this kernel, before the token is used.
 */
export async function enrolCommand(
  args: readonly string[],
  check: () => void | Promise<void> = checkThisKernel,
): Promise<void> {
  const options = parseOptions(args);
  if (options.help) {
    process.stdout.write(HELP);
    return;
  }
  const token = readToken(options);
  if (!options['skip-kernel-check']) await explained(check);
  const folders = {
    configDirectory: options['config-directory'],
    stateDirectory: options['state-directory'],
  };
  const { host, labels, configFile } = await enrol(token, folders, systemClock);
  const labelText = Object.entries(labels).map(([label, value]) => `${label}=${value}`);
  process.stdout.write(
    `This machine is the host ${host}, ${labelText.join(',') || 'without labels'}.\n` +
      `Start its agent: farcall-agent run --config ${configFile}\n`,
  );
}

/** Loaded only here: opening a kernel takes most of the agent's code. */
async function checkThisKernel(): Promise<void> {
  const { checkKernel } = await import('../host-kernel/index.ts');
  checkKernel();
}

async function explained(check: () => void | Promise<void>): Promise<void> {
  try {
    await check();
  } catch (thrown) {
    const { code, message } = toFarcallError(thrown);
    throw new FarcallError(
      code,
      `${message}. Nothing was enrolled, and the token can still be used. If the machine will boot another kernel, add --skip-kernel-check`,
      { cause: thrown },
    );
  }
}

const OPTIONS = {
  'token-file': { type: 'string' },
  'token-stdin': { type: 'boolean', default: false },
  'config-directory': { type: 'string', default: '/etc/farcall' },
  'state-directory': { type: 'string', default: '/var/lib/farcall' },
  'skip-kernel-check': { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

type Options = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];

function parseOptions(args: readonly string[]): Options {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: false }).values;
  } catch {
    // The error does not quote the arguments: one may be a token.
    throw new FarcallError('CONFIG_INVALID', 'enrol: --token-file FILE or --token-stdin; see --help');
  }
}

function readToken({ 'token-file': file, 'token-stdin': fromStdin }: Options): EnrolmentToken {
  if ((file === undefined) === !fromStdin)
    throw new FarcallError('CONFIG_INVALID', 'enrol: expected one of --token-file FILE and --token-stdin');
  return parseEnrolmentToken((file === undefined ? readStdin() : readSecret(file)).toString('utf8'));
}

function readStdin(): Buffer {
  try {
    return readFileSync(0);
  } catch (cause) {
    throw new FarcallError('FILE_UNREADABLE', 'enrol: standard input cannot be read', { cause });
  }
}
