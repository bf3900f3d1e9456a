import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { FarcallError } from '../errors/index.ts';
import { fields, POLICIES } from '../messages/index.ts';
import { type Keyring, keyId, publicJwkSchema, publicKeyOf, type TrustedKey } from '../tokens/index.ts';

const principalSchema = z.strictObject({
  name: fields.principalName,
  keys: z.array(publicJwkSchema).min(1).max(16),
});

/**
 * Approvals that a policy asks for, by what the program does. None may go without: as long as a program that only reads is
 * loaded as a module too, it is code in the kernel like any other.
 */
const threshold = z.int().min(1, 'a threshold below 1 would let anybody run anything').max(64);
const thresholdsSchema = z.strictObject({ read: threshold, call: threshold, write: threshold });

const bundleSchema = z.strictObject({
  version: z.int().min(1),
  expiresAtMs: fields.epochMs,
  controllers: z.array(principalSchema).max(64),
  requesters: z.array(principalSchema).max(4096),
  approvers: z.array(principalSchema).max(4096),
  thresholds: z.partialRecord(z.enum(POLICIES), thresholdsSchema),
});

/** Who may ask, approve and order, with which keys, and how many must approve. */
export type TrustBundle = z.infer<typeof bundleSchema>;

/** A person or controller in the bundle. */
export type Principal = z.infer<typeof principalSchema>;

/**
 * The bundle in `text`. Throws TRUST_INVALID with the place where it is wrong: unknown members, thresholds below 1, one
 * name twice in a role, one key for two names in one role or in several.
 */
export function parseTrustBundle(text: string, origin = 'trust bundle'): TrustBundle {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new FarcallError('TRUST_INVALID', `${origin}: not JSON`, { cause });
  }
  const parsed = bundleSchema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new FarcallError(
      'TRUST_INVALID',
      `${origin}: ${issue?.path.join('.') || 'bundle'}: ${issue?.message}`,
    );
  }
  // Building the keyrings finds the duplicates.
  for (const role of ['controllers', 'requesters', 'approvers'] as const)
    keyringOf(parsed.data[role], `${origin}: ${role}`);
  refuseSharedKeys(parsed.data, origin);
  return parsed.data;
}

/**
 * Threat: a requester whose key also stands under another name among the approvers would approve his own request. One
 * person may have several roles, with one key or several, but a key has one name throughout the bundle.
 */
function refuseSharedKeys(bundle: TrustBundle, origin: string): void {
  const owners = new Map<string, string>();
  for (const { name, keys } of [...bundle.controllers, ...bundle.requesters, ...bundle.approvers]) {
    for (const kid of keys.map(keyId)) {
      const other = owners.get(kid);
      if (other !== undefined && other !== name)
        throw new FarcallError('TRUST_INVALID', `${origin}: ${other} and ${name} have the same key ${kid}`);
      owners.set(kid, name);
    }
  }
}

/** The bundle in the file `path`. */
export function readTrustBundle(path: string): TrustBundle {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new FarcallError('FILE_UNREADABLE', `the trust bundle ${path} cannot be read`, { cause });
  }
  return parseTrustBundle(text, path);
}

const keyrings = new WeakMap<readonly Principal[], Keyring>();

/**
 * The keys of `principals`, by key id; made once for each list, since thousands of keys take longer than an order.
 *
 * Threat: a key listed under two names would let one person count twice, so that is refused when the bundle is read.
 */
export function keyringOf(principals: readonly Principal[], origin = 'trust bundle'): Keyring {
  const known = keyrings.get(principals);
  if (known) return known;
  const keyring = makeKeyring(principals, origin);
  keyrings.set(principals, keyring);
  return keyring;
}

function makeKeyring(principals: readonly Principal[], origin: string): Keyring {
  const keyring = new Map<string, TrustedKey>();
  const names = new Set<string>();
  for (const { name, keys } of principals) {
    if (names.has(name)) throw new FarcallError('TRUST_INVALID', `${origin}: ${name} stands twice`);
    names.add(name);
    for (const jwk of keys) {
      const kid = keyId(jwk);
      const other = keyring.get(kid);
      if (other)
        throw new FarcallError(
          'TRUST_INVALID',
          `${origin}: ${other.owner} and ${name} have the same key ${kid}`,
        );
      keyring.set(kid, { owner: name, key: publicKeyOf(jwk) });
    }
  }
  return keyring;
}
