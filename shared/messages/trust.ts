import { z } from 'zod';
import { MESSAGE_LIMIT_BYTES, messageCodec } from './codec.ts';
import { bytes, compactToken, hostName } from './fields.ts';

/**
 * Largest trust bundle, in bytes: room for about two thousand people, and it fits a message of the broker.
 */
export const BUNDLE_LIMIT_BYTES = 256 << 10;

/** Most signatures beside a bundle: old and new roots together. */
const SIGNATURES_LIMIT = 64;

const signedBundleSchema = z.object({
  bundle: bytes
    .refine(({ length }) => length > 0, 'there is no bundle in it')
    .refine(({ length }) => length <= BUNDLE_LIMIT_BYTES, `at most ${BUNDLE_LIMIT_BYTES} bytes`),
  signatures: z.array(compactToken.max(1024)).max(SIGNATURES_LIMIT),
});

/**
 * A trust bundle as it travels: exact bytes and root signatures; nothing in it is trusted before shared/trust
 * says so.
 */
export type SignedBundle = z.infer<typeof signedBundleSchema>;

const SIGNED_LIMIT_BYTES = BUNDLE_LIMIT_BYTES + SIGNATURES_LIMIT * 1100;

/** Codec of SignedBundle. */
export const signedBundleCodec = messageCodec('SignedBundle', signedBundleSchema, SIGNED_LIMIT_BYTES);

const version = z
  .int()
  .min(0)
  .max(2 ** 31 - 1);

/** Codec of TrustQuery: a host asks for what is newer than its own. */
export const trustQueryCodec = messageCodec(
  'TrustQuery',
  z.object({ host: hostName, afterVersion: version }),
  256,
);

/** Codec of TrustFetch: an operator asks the same. */
export const trustFetchCodec = messageCodec('TrustFetch', z.object({ afterVersion: version }), 64);

/** Codec of TrustPublished. */
export const trustPublishedCodec = messageCodec(
  'TrustPublished',
  z.object({ version, newly: z.boolean() }),
  64,
);

const trustReplySchema = z.object({
  bundles: z.array(signedBundleSchema).max(256),
  lastVersion: version,
  newestVersion: version,
});

/** Bundles in ascending order of version, and which is the newest. */
export type TrustReply = z.infer<typeof trustReplySchema>;

/** Codec of TrustReply. */
export const trustReplyCodec = messageCodec('TrustReply', trustReplySchema, MESSAGE_LIMIT_BYTES);
