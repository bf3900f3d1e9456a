import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createUser, fromSeed, type KeyPair } from '@nats-io/nkeys';
import type { Clock } from '../../shared/clock/index.ts';
import type { EnrolmentToken } from '../../shared/enrolment/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import { readSecret, writePrivateFile } from '../../shared/files/index.ts';
import {
  type EnrolmentClaim,
  enrolmentClaimCodec,
  PROTOCOL_VERSION,
  type Redemption,
} from '../../shared/messages/index.ts';
import {
  digestText,
  keyPairOfSeed,
  readKeyFile,
  type SigningKey,
  sha256,
  signToken,
  TOKEN_KINDS,
} from '../../shared/tokens/index.ts';
import { HOST_KEY_FILE, hasHostKey, makeHostKey, recordJoinTime } from '../identity/index.ts';

/** File of the seed of the host's nkey, in the state directory. */
export const NKEY_FILE = 'broker.seed';

/** The keys of this host: one signs its statements, the other logs in at the broker. */
export interface HostKeys {
  readonly key: SigningKey;
  readonly nkey: KeyPair;
}

/**
 * The keys in `stateDirectory`. Keys that are missing are made (0600), and then the join time of this host is
 * recorded too. They never leave this machine.
 */
export function hostKeys(stateDirectory: string, nowMs: number): HostKeys {
  if (!hasHostKey(stateDirectory)) recordJoinTime(stateDirectory, nowMs);
  makeHostKey(stateDirectory);
  const nkeyPath = join(stateDirectory, NKEY_FILE);
  if (!existsSync(nkeyPath)) writePrivateFile(nkeyPath, createUser().getSeed());
  return { key: readKeyFile(join(stateDirectory, HOST_KEY_FILE)), nkey: readNkey(nkeyPath) };
}

function readNkey(path: string): KeyPair {
  const seed = readSecret(path);
  try {
    return fromSeed(Buffer.from(seed.toString('ascii').trim(), 'ascii'));
  } catch {
    // The cause is dropped because it may quote the seed.
    throw new FarcallError('FILE_UNREADABLE', `${path} is not the seed of an nkey`);
  }
}

/**
 * The message to the controller: a claim to be the host of `token`, signed with both keys, and with the key
 * whose seed is the token's secret. The secret itself stays here.
 *
 * Threat: a controller that was taken over, or somebody in its place, becomes this host with the secret that
 * it is sent.
 */
export async function redemptionOf(
  { host, site, secret }: Pick<EnrolmentToken, 'host' | 'site' | 'secret'>,
  { key, nkey }: HostKeys,
  clock: Clock,
): Promise<Redemption> {
  const enrolmentKey = keyPairOfSeed(secret);
  const claim: EnrolmentClaim = {
    protocol: PROTOCOL_VERSION,
    host,
    enrolmentKid: enrolmentKey.kid,
    publicKey: JSON.stringify(key.publicJwk),
    nkey: nkey.getPublicKey(),
  };
  const bytes = enrolmentClaimCodec.encode(claim);
  const iat = Math.floor(clock.nowMs() / 1000);
  const exp = iat + TOKEN_KINDS.enrolment.maxAgeS;
  const content = { iss: host, site, iat, exp, sha256: digestText(sha256(bytes)) };
  return {
    claim: bytes,
    enrolmentKey: JSON.stringify(enrolmentKey.publicJwk),
    enrolmentSignature: await signToken('enrolment', content, enrolmentKey),
    keySignature: await signToken('enrolment', content, key),
    nkeySignature: nkey.sign(bytes),
  };
}
