import { z } from 'zod';
import { FarcallError } from '../errors/index.ts';
import { BUNDLE_LIMIT_BYTES, fields, POLICIES } from '../messages/index.ts';
import { firstIssue } from '../schema/index.ts';
import { passkeyJwkSchemas, publicJwkSchema } from '../tokens/index.ts';
import { checkBundleRules } from './bundle-rules.ts';
import { emergencySchema } from './emergency.ts';
import { scopeMembers, seatsSchema } from './scope-schema.ts';
import { siteFields } from './site.ts';

/** When a key is valid; see KeyValidity in shared/tokens. */
const dates = {
  notBeforeMs: fields.epochMs.optional(),
  notAfterMs: fields.epochMs.optional(),
};
const datedKeySchema = publicJwkSchema.extend(dates);
const [p256Passkey, ed25519Passkey] = passkeyJwkSchemas;

const controllerSchema = z.strictObject({
  name: fields.principalName,
  keys: z.array(datedKeySchema).min(1).max(16),
});

/** Persons may have passkeys, which sign approvals, rejections, withdrawals and aborts, and nothing else. */
const personSchema = z.strictObject({
  name: fields.principalName,
  keys: z
    .array(z.union([datedKeySchema, p256Passkey.extend(dates), ed25519Passkey.extend(dates)]))
    .min(1)
    .max(16),
});

const rootThreshold = z.int().min(1, 'a threshold below 1 would let anyone decide who is trusted').max(32);

/**
 * Root keys have no dates of their own. A date that is compared with the time of the signature does not stop
 * a thief, who can backdate it; one that is compared with the present would stop a host that was offline from
 * following older versions. A root key ends when a new version omits it.
 */
const rootsSchema = z.strictObject({
  threshold: rootThreshold,
  members: z
    .array(z.strictObject({ name: fields.principalName, keys: z.array(publicJwkSchema).min(1).max(4) }))
    .min(1)
    .max(32),
});

/**
 * Approvals that a policy requires, by the effect of the program. Only reading may require none: the agent
 * interprets such a program, and nothing of it gets into the kernel. A host that would have to load it as a
 * module refuses it unless somebody approved it (see `permit`).
 *
 * Threat: with `read` at 0, anyone who has a key of a requester or of a controller can read all memory of
 * every kernel, including keys and the page cache, and nobody reviews it.
 */
const threshold = z.int().min(1, 'a threshold below 1 would let anyone run anything').max(64);
const thresholdsSchema = z.strictObject({
  read: z.int().min(0).max(64),
  /** If it is missing, a watch needs as many as a call. */
  watch: threshold.optional(),
  call: threshold,
  write: threshold,
  /** If it is missing, a deny needs as many as a write. */
  deny: threshold.optional(),
  teams: seatsSchema,
});

const bundleSchema = z.strictObject({
  version: z
    .int()
    .min(1)
    .max(2 ** 31 - 1),
  ...siteFields,
  issuedAtMs: fields.epochMs,
  expiresAtMs: fields.epochMs,
  roots: rootsSchema,
  controllers: z.array(controllerSchema).max(64),
  requesters: z.array(personSchema).max(4096),
  approvers: z.array(personSchema).max(4096),
  thresholds: z.partialRecord(z.enum(POLICIES), thresholdsSchema),
  ...scopeMembers,
  emergency: emergencySchema.optional(),
});

/**
 * Who may request, approve and order, with which keys; how many must approve; and which roots sign the next
 * version.
 */
export type TrustBundle = z.infer<typeof bundleSchema>;

/** A person or controller in the bundle, with their keys. */
export type Principal = z.infer<typeof personSchema>;

/** The roots, and how many of them must sign a bundle. */
export type Roots = z.infer<typeof rootsSchema>;

const pinnedRootsSchema = z.strictObject({ ...siteFields, ...rootsSchema.shape });

/** The content of a file of roots: the roots that a machine starts from, and the site that it belongs to. */
export type PinnedRoots = z.infer<typeof pinnedRootsSchema>;

/** The canonical bytes of `bundle`, which roots sign. Throws TRUST_INVALID if it breaks a rule. */
export function encodeTrustBundle(bundle: TrustBundle): Uint8Array {
  return Buffer.from(JSON.stringify(checked(bundle, 'trust bundle')), 'utf8');
}

/**
 * The bundle in `bytes`. `origin` names them in errors. Throws TRUST_INVALID naming the member that is wrong:
 * too large, unknown, a threshold that anyone or nobody could reach, or what `checkBundleRules` refuses.
 *
 * Threat: JSON has many spellings for one meaning, and parsers choose differently among duplicate members.
 * Anyone who shows one reading to the roots and another to the hosts has a bundle that nobody signed
 * knowingly. So the bytes must be those that we would write ourselves: no white space, no duplicates, no
 * escapes, members in our order.
 */
export function decodeTrustBundle(bytes: Uint8Array, origin = 'trust bundle'): TrustBundle {
  if (bytes.length > BUNDLE_LIMIT_BYTES)
    throw invalid(origin, `${bytes.length} bytes are over the limit of ${BUNDLE_LIMIT_BYTES}`);
  const bundle = checked(parsedJson(bytes, origin), origin);
  if (Buffer.compare(Buffer.from(JSON.stringify(bundle), 'utf8'), bytes) !== 0)
    throw invalid(origin, 'not in canonical JSON; farcall trust writes it');
  return bundle;
}

/**
 * `value`, parsed from JSON in any layout, as a trust bundle. Throws TRUST_INVALID like {@link
 * decodeTrustBundle}.
 */
export function checkTrustBundle(value: unknown, origin = 'trust bundle'): TrustBundle {
  return checked(value, origin);
}

/** `value`, parsed from JSON, as a file of roots. Throws TRUST_INVALID naming the member that is wrong. */
export function checkPinnedRoots(value: unknown, origin: string): PinnedRoots {
  return conforming(pinnedRootsSchema, value, origin);
}

function checked(value: unknown, origin: string): TrustBundle {
  const bundle = conforming(bundleSchema, value, origin);
  checkBundleRules(bundle, origin);
  return bundle;
}

function conforming<S extends z.ZodType>(schema: S, value: unknown, origin: string): z.infer<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalid(origin, firstIssue(parsed.error, 'bundle'));
}

function parsedJson(bytes: Uint8Array, origin: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (cause) {
    throw new FarcallError('TRUST_INVALID', `${origin}: not JSON`, { cause });
  }
}

function invalid(origin: string, what: string): FarcallError {
  return new FarcallError('TRUST_INVALID', `${origin}: ${what}`);
}
