import {
  findingLines,
  isUnfit,
  orProblem,
  refuseSupportFile,
  supportArchive,
  writeSupportFile,
} from '../../../../shared/doctor/index.ts';
import { asciiJson } from '../../../../shared/json/index.ts';
import { withoutPin } from '../../../../shared/keys/index.ts';
import { agentVersion } from '../../../../shared/version/index.ts';
import { type AddCommand, addHelp, EXIT, type ExitCode, withOperatorOptions } from '../../core/index.ts';
import { type CliContext, type CommonOptions, readIdentity } from '../../session/index.ts';
import { examineOperator } from './examine-operator.ts';

interface DoctorOptions extends CommonOptions {
  readonly bundle?: string;
}

/** `farcall doctor`. */
export const addDoctor: AddCommand = (parent, context, exitWith) => {
  const command = withOperatorOptions(parent.command('doctor'))
    .summary('look at everything that must hold for your commands to work')
    .description(
      'Looks at everything that must hold for your commands to work, prints a line for each, and what to do where something is wrong.',
    )
    .option('--bundle <file>', 'also write a file, gzipped JSON without secrets, for somebody who helps');
  addHelp(command, {
    notes: [
      'It looks at your configuration, certificates, roots and key, at the controller, its version, its clock and its broker, and at the trust bundle and your place in it. It changes nothing.',
      'With --json it prints a list of check, verdict (ok, warning, unfit), text and remedy.',
    ],
    examples: ['doctor', 'doctor --context lab --bundle farcall.json.gz'],
    exits: [EXIT.failed],
    exitMeanings: { [EXIT.failed]: 'something is unfit: commands do not work as it is' },
  }).action(async (options: DoctorOptions) => exitWith(await doctor(context, options)));
};

async function doctor(context: CliContext, options: DoctorOptions): Promise<ExitCode> {
  const { terminal } = context;
  const { bundle, json } = options;
  if (bundle !== undefined) refuseSupportFile(bundle);
  const findings = await examineOperator(context, options);
  if (json) terminal.print(asciiJson(findings));
  else for (const line of findingLines(findings)) terminal.print(line);
  if (bundle !== undefined)
    terminal.warn(writeSupportFile(bundle, await support(context, options, findings)));
  return isUnfit(findings) ? EXIT.failed : EXIT.ok;
}

/**
 * Threat: the file leaves the machine. Of the configuration it has the names of files, and none is opened; a
 * PIN in the name of a key is left out.
 */
function support(
  { env }: CliContext,
  { config, context: contextName }: CommonOptions,
  findings: Awaited<ReturnType<typeof examineOperator>>,
): Promise<Uint8Array> {
  const identity = orProblem(() => {
    const read = readIdentity({ configFile: config, contextName, env });
    return { ...read, key: withoutPin(read.key) };
  });
  return supportArchive({ farcallVersion: agentVersion(), findings, identity });
}
