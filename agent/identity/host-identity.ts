import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { FarcallError } from '../../shared/errors/index.ts';
import { writePrivateFile } from '../../shared/files/index.ts';
import {
  digestText,
  type HostStatementKind,
  keyFileText,
  newSigningKey,
  readKeyFile,
  type SigningKey,
  sha256,
  signToken,
  TOKEN_KINDS,
} from '../../shared/tokens/index.ts';
import { type HeldLabels, openLabels } from './held-labels.ts';
import { readJoinTime } from './join-time.ts';

/** File of the host's key in the state directory. */
export const HOST_KEY_FILE = 'host-key.json';

/** Who this host is, and how it signs its statements. */
export interface HostIdentity {
  readonly host: string;
  /** The site whose controllers this host obeys, by its file of roots. */
  readonly site: string;
  /** The labels that this host has now, and the label `host`. */
  readonly labels: Readonly<Record<string, string>>;
  /** The labels that people gave this host after its enrolment. */
  readonly heldLabels: HeldLabels;
  readonly key: SigningKey;
  /** When this host was set up; 0 if that was not recorded. See `recordJoinTime`. */
  readonly joinedAtMs: number;
  /** This host's signature (farcall-result+jwt) over the digest of `bytes`. */
  sign(what: HostStatementKind, bytes: Uint8Array, nowMs: number): Promise<string>;
}

/** Where a host's identity comes from. */
export interface IdentityOptions {
  readonly stateDirectory: string;
  readonly host: string;
  readonly site: string;
  /** The labels of the configuration, which are those of the enrolment. */
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * The identity of this host. Throws FILE_UNREADABLE if its key is missing, open to others or cannot be read:
 * a new key would be useless, since no controller has registered it.
 */
export function openIdentity({ stateDirectory, host, site, labels }: IdentityOptions): HostIdentity {
  const key = openKey(stateDirectory);
  const heldLabels = openLabels({ stateDirectory, kid: key.kid, enrolled: labels });
  return {
    host,
    site,
    get labels() {
      return { ...heldLabels.labels, host };
    },
    heldLabels,
    key,
    joinedAtMs: readJoinTime(stateDirectory),
    sign(what, bytes, nowMs) {
      const iat = Math.floor(nowMs / 1000);
      const exp = iat + TOKEN_KINDS.result.maxAgeS;
      return signToken('result', { iss: host, site, iat, exp, what, sha256: digestText(sha256(bytes)) }, key);
    },
  };
}

/** Whether this host has a key. */
export function hasHostKey(stateDirectory: string): boolean {
  return existsSync(join(stateDirectory, HOST_KEY_FILE));
}

/**
 * Makes the key of this host if it has none yet. It is written under another name first: a crash leaves a
 * whole key or none.
 */
export function makeHostKey(stateDirectory: string): void {
  const path = join(stateDirectory, HOST_KEY_FILE);
  if (hasHostKey(stateDirectory)) return;
  writePrivateFile(path, keyFileText(newSigningKey()));
}

function openKey(stateDirectory: string): SigningKey {
  const path = join(stateDirectory, HOST_KEY_FILE);
  if (existsSync(path)) return readKeyFile(path);
  throw new FarcallError(
    'FILE_UNREADABLE',
    `this host has no key (${path}): farcall-agent enrol makes it, with a token of farcall host enrol`,
  );
}
