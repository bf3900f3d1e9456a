import { type Finding, ok, warning } from '../../../../shared/doctor/index.ts';
import { type ControllerStatus, PROTOCOL_VERSION } from '../../../../shared/messages/index.ts';
import { agentVersion, minorDistance } from '../../../../shared/version/index.ts';
import { printable, statusLines } from '../../../views/index.ts';
import type { CliContext, Session } from '../../session/index.ts';

/** A controller takes a token of an operator if their clocks differ by less than this. */
const CLOCKS_MS = 10_000;

/** What the controller says of itself: its version, its clock, and what it cannot do now. */
export async function examineStatus({ clock }: CliContext, { client }: Session): Promise<readonly Finding[]> {
  const sentMs = clock.nowMs();
  const status = await client.call('getStatus', {});
  const offsetMs = Math.round(status.nowMs - (sentMs + clock.nowMs()) / 2);
  const troubles = statusLines(status);
  const time =
    Math.abs(offsetMs) < CLOCKS_MS
      ? ok('clock', `the controller's clock differs from this one by ${offsetMs} ms`)
      : warning(
          'clock',
          `the controller's clock differs from this one by ${Math.round(offsetMs / 1000)} s`,
          'synchronise both: what you sign carries the time',
        );
  return [
    versions(status),
    time,
    ...(troubles.length === 0 ? [ok('status', 'the controller has its broker and its store')] : []),
    ...troubles.map(line => warning('status', printable(line), 'farcall-controller doctor there says more')),
  ];
}

/** See docs/guide/upgrade.md: command line and controller may be one minor version apart. */
function versions({ version, protocol }: ControllerStatus): Finding {
  const own = agentVersion();
  if (version === undefined)
    return warning('version', `the controller is older than ${own}`, 'upgrade the controller first');
  const text = `farcall ${own}, the controller ${printable(version)}`;
  if (protocol !== PROTOCOL_VERSION)
    return warning(
      'version',
      `${text}: they speak different protocols`,
      'install the version of the controller',
    );
  return minorDistance(own, version) <= 1
    ? ok('version', text)
    : warning(
        'version',
        `${text}: more than one minor version apart`,
        'install the version of the controller',
      );
}
