import { mkdirSync } from 'node:fs';
import type { Clock } from '../../shared/clock/index.ts';
import type { EnrolmentToken } from '../../shared/enrolment/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import type { EnrolmentReply } from '../../shared/messages/index.ts';
import { digestText, sha256 } from '../../shared/tokens/index.ts';
import { recordJoinTime } from '../identity/index.ts';
import { isHostAlready, refuseOtherHost, writeHostFiles } from './host-files.ts';
import { hostKeys, redemptionOf } from './host-keys.ts';
import { redeem } from './redeem.ts';

/** Where a host keeps its files. */
export interface HostFolders {
  /** The configuration. */
  readonly configDirectory: string;
  /** Keys, credential and journal. */
  readonly stateDirectory: string;
}

/** Who this machine has become. */
export interface NewHost {
  readonly host: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly configFile: string;
}

/**
 * Makes this machine the host that `token` names: makes its keys here, proves to the controller that it holds them, and
 * writes what the agent needs. Throws CONFLICT where this machine is another host already, UNREACHABLE, or the controller's
 * own error.
 */
export async function enrol(token: EnrolmentToken, folders: HostFolders, clock: Clock): Promise<NewHost> {
  refuseOtherHost(folders.configDirectory, token.host);
  for (const folder of Object.values(folders)) makeFolder(folder);
  // Keys can be older than that, where an enrolment came to nothing.
  if (!isHostAlready(folders.configDirectory)) recordJoinTime(folders.stateDirectory, clock.nowMs());
  const keys = hostKeys(folders.stateDirectory, clock.nowMs());
  const welcome = await redeem(token, await redemptionOf(token, keys, clock));
  checkEnrolmentReply(welcome, token);
  const configFile = writeHostFiles(welcome, folders);
  return { host: welcome.host, labels: welcome.labels, configFile };
}

/**
 * Threat: a controller in wrong hands gives this host roots of its own choice, and could then have it run anything. Only
 * roots whose digest the operator put into the token are taken.
 */
function checkEnrolmentReply({ host, roots }: EnrolmentReply, token: EnrolmentToken): void {
  if (host !== token.host)
    throw new FarcallError(
      'MESSAGE_INVALID',
      `the controller answers about ${host}, not about ${token.host}`,
    );
  if (digestText(sha256(roots)) !== token.rootsDigest)
    throw new FarcallError(
      'TRUST_INVALID',
      'the controller hands out other roots than those that the enrolment token names; nothing was written. ' +
        'Compare its rootsFile with the one of who made the token, and make a new token with --replace',
    );
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new FarcallError('CONFIG_INVALID', `the folder ${path} cannot be made`, { cause });
  }
}
