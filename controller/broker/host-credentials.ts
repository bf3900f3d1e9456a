import { encodeUser } from '@nats-io/jwt';
import { fromPublic, fromSeed } from '@nats-io/nkeys';
import { z } from 'zod';
import type { Clock } from '../../shared/clock/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import { fields } from '../../shared/messages/index.ts';
import { subjectToken } from '../../shared/subjects/index.ts';
import { quickSigner } from './quick-signer.ts';

/** A credential and when it ends. */
export interface HostCredential {
  /** NATS user JWT. It is no secret: only the holder of the nkey can log in with it. */
  readonly jwt: string;
  readonly expiresAtMs: number;
}

/** Makes the credentials with which hosts log in at the broker. */
export interface HostCredentials {
  /** A credential for the host `name` with the public nkey `nkey`, from now on. */
  issue(name: string, nkey: string): Promise<HostCredential>;
  /** How long a credential is good. */
  readonly lifeMs: number;
}

const signingSchema = z.strictObject({
  account: z.string().regex(/^A[A-Z2-7]{55}$/, 'a public nkey of an account'),
  seed: z.string().regex(/^SA[A-Z2-7]{56}$/, 'the seed of an account signing key'),
});

/** Content of the file from which {@link hostCredentials} signs. */
export type HostCredentialSigner = z.infer<typeof signingSchema>;

/**
 * Credentials by the signing key in `text`, which stands in the file `origin`. Throws CONFIG_INVALID where it
 * is not one.
 *
 * Threat: a credential that was taken from a host that is no more. Each lives for `lifeMs` only, and the
 * agent asks for the next while it is connected; a host that was removed gets none.
 */
export function hostCredentials(text: string, origin: string, lifeMs: number, clock: Clock): HostCredentials {
  const { account, seed } = parseSigning(text, origin);
  const signer = quickSigner(fromSeed(Buffer.from(seed, 'ascii')));
  return {
    lifeMs,
    async issue(name, nkey) {
      checkHostName(name);
      const exp = Math.floor((clock.nowMs() + lifeMs) / 1000);
      const user = { issuer_account: account };
      const jwt = await encodeUser(subjectToken(name), fromPublic(nkey), signer, user, {
        exp,
        scopedUser: true,
      });
      return { jwt, expiresAtMs: exp * 1000 };
    },
  };
}

/**
 * Threat: the broker puts the name of a login into the subjects that the login may use. A login named `*` or
 * `>` would hear all hosts, and speak for all of them. So no credential is made for such a name, whatever let
 * it through before.
 */
function checkHostName(name: string): void {
  if (fields.hostName.safeParse(name).success) return;
  throw new FarcallError('CONFIG_INVALID', `'${name}' cannot be the name of a host at the broker`);
}

function parseSigning(text: string, origin: string): HostCredentialSigner {
  try {
    return signingSchema.parse(JSON.parse(text));
  } catch {
    // The cause is dropped on purpose: parsers quote what they read, and this is a seed.
    throw new FarcallError(
      'CONFIG_INVALID',
      `${origin} is not a key for host credentials, as farcall-controller init writes one`,
    );
  }
}
