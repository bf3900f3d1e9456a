import type { Command } from 'commander';
import { systemClock } from '../shared/clock/index.ts';
import { findingLines, isUnfit, refuseSupportFile, writeSupportFile } from '../shared/doctor/index.ts';
import { asciiJson } from '../shared/json/index.ts';

interface DoctorOptions {
  readonly config: string;
  readonly json?: boolean;
  readonly bundle?: string;
}

/** `farcall-controller doctor`. `config` is the default of its option. */
export function addDoctor(program: Command, config: string): void {
  program
    .command('doctor')
    .summary('look at everything that must hold for a controller to work')
    .description(
      'Looks at everything that must hold for a controller to work, prints a line for each, and what to do where something is wrong: ' +
        'configuration, files with secrets, key, roots, store and its disk, audit log, trust bundle, broker and logins, certificates, ports, clock. ' +
        'It changes nothing; the controller may be running. Exits with 1 if the controller cannot work as it is.',
    )
    .option('--config <file>', 'configuration file', config)
    .option('--json', 'print JSON for programs: a list of check, verdict (ok, warning, unfit), text, remedy')
    .option(
      '--bundle <file>',
      'also write a file, gzipped JSON without secrets, for somebody elsewhere who helps',
    )
    .addHelpText('after', '\nExample:\n  farcall-controller doctor --bundle controller.json.gz')
    .action(doctor);
}

async function doctor({ config: configFile, json, bundle }: DoctorOptions): Promise<void> {
  if (bundle !== undefined) refuseSupportFile(bundle);
  // Imported only here: a running controller examines nothing.
  const { examineController, supportFile } = await import('./doctor/index.ts');
  const findings = await examineController({ configFile, clock: systemClock });
  console.log(json ? asciiJson(findings) : findingLines(findings).join('\n'));
  if (bundle !== undefined) console.error(writeSupportFile(bundle, await supportFile(configFile, findings)));
  if (isUnfit(findings)) process.exitCode = 1;
}
