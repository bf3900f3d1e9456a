import { mkdirSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../shared/clock/index.ts';
import type { EnrolmentToken } from '../../shared/enrolment/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import type { Effect, EnrolmentReply } from '../../shared/messages/index.ts';
import { digestText, sha256 } from '../../shared/tokens/index.ts';
import { recordJoinTime } from '../identity/index.ts';
import {
  isHostAlready,
  type PolicyFile,
  refuseChosenEffects,
  refuseOtherHost,
  writeHostFiles,
} from './host-files.ts';
import { hostKeys, redemptionOf } from './host-keys.ts';
import { redeem } from './redeem.ts';

/** Where a host keeps its files. */
export interface HostFolders {
  /** The configuration. */
  readonly configDirectory: string;
  /** Keys, credential and journal. */
  readonly stateDirectory: string;
}

/** What a host without a policy is to allow; programs that only read by default. */
export interface NewPolicy {
  readonly effects?: readonly Effect[] | undefined;
}

/** Who this machine has become. */
export interface NewHost {
  readonly host: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly configFile: string;
  readonly policy: PolicyFile;
}

/**
 * Makes this machine the host that `token` names: makes its keys here, proves to the controller that it holds
 * them, and writes the agent's files. Throws CONFLICT if this machine is already another host, UNREACHABLE,
 * or the controller's own error.
 */
export async function enrol(
  token: EnrolmentToken,
  folders: HostFolders & NewPolicy,
  clock: Clock,
): Promise<NewHost> {
  refuseOtherHost(folders.configDirectory, token.host);
  refuseChosenEffects(folders.configDirectory, folders.effects);
  for (const folder of [folders.configDirectory, folders.stateDirectory]) makeFolder(folder);
  // Keys are older than this if an earlier enrolment failed.
  if (!isHostAlready(folders.configDirectory)) recordJoinTime(folders.stateDirectory, clock.nowMs());
  const keys = hostKeys(folders.stateDirectory, clock.nowMs());
  const reply = await redeem(token, await redemptionOf(token, keys, clock));
  checkEnrolmentReply(reply, token);
  const written = writeHostFiles(reply, token.bundle, folders);
  return { host: reply.host, labels: reply.labels, ...written };
}

/**
 * Threat: a controller that was taken over gives this host roots of the attacker's choice, labels by which it
 * is sent what is meant for other hosts, or a broker of its own. This host takes only what the operator put
 * into the token, and writes nothing if the reply differs. Throws MESSAGE_INVALID or TRUST_INVALID.
 */
function checkEnrolmentReply(reply: EnrolmentReply, token: EnrolmentToken): void {
  const { broker } = token;
  refuseOther('name', reply.host, token.host);
  refuseOther('labels', sortedLabels(reply.labels), sortedLabels(token.labels));
  refuseOther('broker', reply.natsServers, broker.servers);
  refuseOther('broker certificates', caDigestOf(reply.natsCa), broker.caDigest);
  if (digestText(sha256(reply.roots)) !== token.rootsDigest)
    throw new FarcallError(
      'TRUST_INVALID',
      'the controller hands out other roots than the enrolment token names; nothing was written. If the roots ' +
        'have changed since the token was made, remove the host and enrol it again',
    );
}

function refuseOther(what: string, given: unknown, named: unknown): void {
  if (isDeepStrictEqual(given, named)) return;
  throw new FarcallError(
    'MESSAGE_INVALID',
    `the controller gives this host another ${what} than the enrolment token: ${JSON.stringify(given)}, not ` +
      `${JSON.stringify(named)}; nothing was written`,
  );
}

function sortedLabels(labels: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(labels).sort(([one], [other]) => (one < other ? -1 : 1));
}

function caDigestOf(ca: Uint8Array): string {
  return ca.length > 0 ? digestText(sha256(ca)) : '';
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new FarcallError('CONFIG_INVALID', `the folder ${path} cannot be made`, { cause });
  }
}
