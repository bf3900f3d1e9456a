import { parseArgs } from 'node:util';
import { systemClock } from '../../shared/clock/index.ts';
import { findingLines, isUnfit, refuseSupportFile, writeSupportFile } from '../../shared/doctor/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import { asciiJson } from '../../shared/json/index.ts';
import { examineHost, supportFile } from '../doctor/index.ts';
import { helpText } from './help-text.ts';

/** What `--help` prints. */
export const DOCTOR_HELP = `farcall-agent doctor [--config FILE] [--json] [--bundle FILE]

Looks at everything that must hold for a call to run on this host, prints a line for each, and what to do where something
is wrong: the configuration and who can change it, the policy, the roots, the journal and its disk, the kernel, modules
and their signatures, the trust bundle, the login and its end, the brokers and their certificates, the clock. It changes
nothing; the agent may be running. Exits with 1 if this host could run no call.

  --config FILE   configuration of the agent (default: /etc/farcall/agent.json)
  --json          print JSON for programs: a list of check, verdict (ok, warning, unfit), text, remedy
  --bundle FILE   also write FILE, gzipped JSON without secrets, for somebody elsewhere who helps
  --help          this text
`;

/** Where packages have the configuration. */
const DEFAULT_CONFIG = '/etc/farcall/agent.json';

/** `farcall-agent doctor`. Throws CONFIG_INVALID for wrong arguments, and for a file that is there. */
export async function doctorCommand(args: readonly string[]): Promise<void> {
  const { config: configFile = DEFAULT_CONFIG, json, bundle, help } = parse(args);
  if (help) return void process.stdout.write(helpText(DOCTOR_HELP));
  if (bundle !== undefined) refuseSupportFile(bundle);
  const findings = await examineHost({ configFile, clock: systemClock });
  process.stdout.write(json ? `${asciiJson(findings)}\n` : `${findingLines(findings).join('\n')}\n`);
  if (bundle !== undefined)
    process.stderr.write(`${writeSupportFile(bundle, await supportFile(configFile, findings))}\n`);
  if (isUnfit(findings)) process.exitCode = 1;
}

function parse(args: readonly string[]) {
  try {
    const options = {
      config: { type: 'string' },
      json: { type: 'boolean' },
      bundle: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    } as const;
    return parseArgs({ args: [...args], options, allowPositionals: false }).values;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FarcallError('CONFIG_INVALID', `doctor: ${reason}`, { cause });
  }
}
