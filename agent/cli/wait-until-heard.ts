import { systemClock } from '../../shared/clock/index.ts';
import { findingLines } from '../../shared/doctor/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import { toAscii } from '../../shared/json/index.ts';
import { nextAdmission } from '../admission/index.ts';

/** How long a controller may take until it has heard a new host. */
const HEARD_LIMIT_MS = 90_000;

/** Where the files of a new host are. */
export interface NewHostFiles {
  readonly configFile: string;
  readonly stateDirectory: string;
}

/**
 * Starts the agent of a new host, waits until a controller has heard it, and says so. Throws UNREACHABLE if
 * none has in a minute and a half, with what the doctor finds wrong on stderr; CONFLICT if the controller
 * holds the host.
 */
export async function startAndWait(
  start: () => Promise<void>,
  { configFile, stateDirectory }: NewHostFiles,
  limitMs = HEARD_LIMIT_MS,
): Promise<void> {
  const sinceMs = systemClock.nowMs();
  await start();
  process.stdout.write('The agent is started. Waiting until a controller has heard it ...\n');
  const admission = await nextAdmission(stateDirectory, { sinceMs, limitMs });
  if (admission?.held !== undefined)
    throw new FarcallError('CONFLICT', `enrol: the controller holds this host: ${toAscii(admission.held)}`);
  if (admission) {
    process.stdout.write('A controller has heard this host, and admits it: it can take orders.\n');
    return;
  }
  // Loaded only here: looking at a kernel takes most of the agent's code.
  const { examineHost } = await import('../doctor/index.ts');
  const findings = await examineHost({ configFile, clock: systemClock });
  const wrong = findings.filter(({ verdict }) => verdict !== 'ok');
  process.stderr.write(
    findingLines(wrong)
      .map(line => `${line}\n`)
      .join(''),
  );
  throw new FarcallError(
    'UNREACHABLE',
    'enrol: this machine is a host, and its agent is started, but no controller has heard it yet: journalctl -u farcall-agent',
  );
}
