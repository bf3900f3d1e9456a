import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock } from '../../shared/clock/index.ts';
import { findingLines } from '../../shared/doctor/index.ts';
import { type EnrolmentToken, parseEnrolmentToken } from '../../shared/enrolment/index.ts';
import { FarcallError, toFarcallError } from '../../shared/errors/index.ts';
import { readSecret } from '../../shared/files/index.ts';
import { EFFECTS, type Effect } from '../../shared/messages/index.ts';
import { enrol, type PolicyFile } from '../enrol/index.ts';
import { helpText } from './help-text.ts';
import { hasUnit, startUnit } from './start-unit.ts';
import { startAndWait } from './wait-until-heard.ts';

/** What `--help` prints. */
export const ENROL_HELP = `farcall-agent enrol (--token-file FILE | --token-stdin) [OPTIONS]

Makes this machine a host: looks whether a call could run here, makes its keys, redeems a one-time token of
'farcall host enrol' at a controller, and writes the agent's configuration. The keys never leave this machine.
Under systemd it then enables and starts farcall-agent.service, waits until a controller has heard the host, and
says so.

  --token-file FILE      the file with the token; only its owner may read it (0600)
  --token-stdin          read the token from standard input
  --config-directory D   for agent.json, policy.json, roots and certificates (default /etc/farcall)
  --state-directory D    for keys, credential and journal (default /var/lib/farcall)
  --effects LIST         what the policy of the new host allows: read; read,call; or read,call,write (default read)
  --no-start             do not start the unit
  --skip-kernel-check    enrol although the kernel that runs now cannot be used, or will not be the machine's kernel
  --help                 this text

A token is never an argument, because every user of this machine can see arguments.
If there is a policy.json already, it stays as it is. The command prints what the host allows. Only the files of the host
decide about that, and nobody can change them from elsewhere: 'farcall-agent policy check FILE' shows what is in force.
`;

/** How the agent of a new host is started; undefined where nothing can start it. */
export type StartAgent = (() => Promise<void>) | undefined;

/** What {@link enrolCommand} does on this machine besides writing files. */
export interface EnrolActions {
  /** Throws if no agent can run on this kernel, before the token is used. */
  readonly check: (effects: readonly Effect[]) => void | Promise<void>;
  readonly starter: () => Promise<StartAgent>;
}

const ON_THIS_MACHINE: EnrolActions = {
  check: checkThisKernel,
  starter: async () => ((await hasUnit()) ? startUnit : undefined),
};

/** `farcall-agent enrol`. Throws FarcallError if it comes to nothing. */
export async function enrolCommand(
  args: readonly string[],
  { check, starter }: EnrolActions = ON_THIS_MACHINE,
): Promise<void> {
  const options = parseOptions(args);
  if (options.help) {
    process.stdout.write(helpText(ENROL_HELP));
    return;
  }
  const token = readToken(options);
  const folders = {
    configDirectory: options['config-directory'],
    stateDirectory: options['state-directory'],
  };
  const effects = effectsOf(options.effects);
  if (!options['skip-kernel-check']) await explained(() => check(effects ?? []));
  const { host, labels, configFile, policy } = await enrol(token, { ...folders, effects }, systemClock);
  const labelText = Object.entries(labels).map(([label, value]) => `${label}=${value}`);
  process.stdout.write(
    `This machine is the host ${host}, ${labelText.join(',') || 'without labels'}.\n${policyText(policy)}\n`,
  );
  const isStandard = configFile === join(OPTIONS['config-directory'].default, 'agent.json');
  const start = options['no-start'] || !isStandard ? undefined : await starter();
  if (start) await startAndWait(start, { configFile, stateDirectory: folders.stateDirectory });
  else
    process.stdout.write(
      `Start its agent: systemctl enable --now farcall-agent, or farcall-agent run --config ${configFile}\n`,
    );
}

function effectsOf(text: string | undefined): readonly Effect[] | undefined {
  if (text === undefined) return undefined;
  const effects = text.split(',').map(name => EFFECTS.find(effect => effect === name.trim()));
  const known = effects.filter(effect => effect !== undefined);
  if (known.length === effects.length) return known;
  throw new FarcallError(
    'CONFIG_INVALID',
    `enrol: --effects: some of ${EFFECTS.join(',')}, and not something else`,
  );
}

function policyText({ path, effects }: PolicyFile): string {
  if (effects === undefined)
    return `Its policy was there already and stays: farcall-agent policy check ${path}`;
  const only = effects.length === 1 && effects[0] === 'read' ? ' only' : '';
  return `It allows programs of these effects${only}: ${effects.join(', ')}. To allow others, or single functions, edit ${path}.`;
}

/**
 * Throws if no agent can run on this kernel. What else the doctor finds wrong is said, and can be mended
 * later: a kernel may be made to trust the module key of the site, and a clock be synchronised. Loaded only
 * here: opening a kernel takes most of the agent's code.
 */
async function checkThisKernel(effects: readonly Effect[]): Promise<void> {
  const { checkKernel } = await import('../host-kernel/index.ts');
  checkKernel();
  const { examineMachine } = await import('../doctor/index.ts');
  const findings = await examineMachine({ effects: effects.length > 0 ? [...effects] : ['read'] });
  const wrong = findings.filter(({ verdict }) => verdict !== 'ok');
  process.stderr.write(
    findingLines(wrong)
      .map(line => `${line}\n`)
      .join(''),
  );
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
  effects: { type: 'string' },
  'no-start': { type: 'boolean', default: false },
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
