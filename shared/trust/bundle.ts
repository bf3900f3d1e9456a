import { z } from 'zod';
import { FarcallError } from '../errors/index.ts';
import { BUNDLE_LIMIT_BYTES, fields, POLICIES } from '../messages/index.ts';
import { firstIssue } from '../schema/index.ts';
import { passkeyJwkSchemas, publicJwkSchema } from '../tokens/index.ts';
import { checkBundleRules } from './bundle-rules.ts';

/** A public key, and from when until when it counts. */
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

const rootThreshold = z.int().min(1, 'a threshold below 1 would let anybody say who is trusted').max(32);

/**
 * Root keys have no dates of their own. A date that is held against the signature's own time stops no thief,
 * who dates back; one that is held against now would keep a host that was away from walking over old
 * versions. A root key ends by a new version without it.
 */
const rootsSchema = z.strictObject({
  threshold: rootThreshold,
  members: z
    .array(z.strictObject({ name: fields.principalName, keys: z.array(publicJwkSchema).min(1).max(4) }))
    .min(1)
    .max(32),
});

/**
 * Approvals that a policy asks for, by what the program does. Only reading may go without: such a program is
 * interpreted by the agent, and nothing of it gets into the kernel; a host that would have to load it as a
 * module refuses it unless somebody approved (see `permit`).
 *
 * Threat: with `read` at 0 anyone who has a requester's key, or a controller's, can read all memory of every
 * kernel, keys and page cache included. Nobody else looks at it.
 */
const threshold = z.int().min(1, 'a threshold below 1 would let anybody run anything').max(64);
const thresholdsSchema = z.strictObject({ read: z.int().min(0).max(64), call: threshold, write: threshold });

const bundleSchema = z.strictObject({
  version: z
    .int()
    .min(1)
    .max(2 ** 31 - 1),
  issuedAtMs: fields.epochMs,
  expiresAtMs: fields.epochMs,
  roots: rootsSchema,
  controllers: z.array(controllerSchema).max(64),
  requesters: z.array(personSchema).max(4096),
  approvers: z.array(personSchema).max(4096),
  thresholds: z.partialRecord(z.enum(POLICIES), thresholdsSchema),
});

/** Who may ask, approve and order, with which keys, how many must approve, and who may say so next time. */
export type TrustBundle = z.infer<typeof bundleSchema>;

/** A person or controller in the bundle. */
export type Principal = z.infer<typeof personSchema>;

/** Whose signatures make a bundle: so many of these persons. */
export type Roots = z.infer<typeof rootsSchema>;

/** The canonical bytes of `bundle`: what roots sign. Throws TRUST_INVALID where it breaks a rule. */
export function encodeTrustBundle(bundle: TrustBundle): Uint8Array {
  return Buffer.from(JSON.stringify(checked(bundle, 'trust bundle')), 'utf8');
}

/**
 * The bundle in `bytes`. Throws TRUST_INVALID with the place where it is wrong: too large, unknown members,
 * thresholds that anybody or nobody could reach, and what `checkBundleRules` refuses.
 *
 * Threat: JSON has many spellings for one meaning, and parsers choose differently among duplicate members.
 * Anyone who shows one reading to the roots and another to the hosts has a bundle that nobody meant. So the
 * bytes must be those that we would write ourselves: no white space, no duplicates, no escapes, members in
 * our order.
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
 * The bundle that `value` is, however its JSON was written. Throws TRUST_INVALID like
 * {@link decodeTrustBundle}.
 */
export function checkTrustBundle(value: unknown, origin = 'trust bundle'): TrustBundle {
  return checked(value, origin);
}

/** The roots that `value` is. Throws TRUST_INVALID with the place where it is wrong. */
export function checkRoots(value: unknown, origin: string): Roots {
  return conforming(rootsSchema, value, origin);
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
