import { z } from 'zod';
import { MESSAGE_LIMIT_BYTES, messageCodec } from './codec.ts';
import { bundleStatementToken, bytes, compactToken, hostName } from './fields.ts';

/**
 * Largest trust bundle, in bytes: enough for about two thousand people, and small enough for a message of the
 * broker.
 */
export const BUNDLE_LIMIT_BYTES = 256 << 10;

/** Most signatures of a bundle: old and new roots together. */
const SIGNATURES_LIMIT = 64;

const signedBundleSchema = z.object({
  bundle: bytes
    .refine(({ length }) => length > 0, 'it contains no bundle')
    .refine(({ length }) => length <= BUNDLE_LIMIT_BYTES, `at most ${BUNDLE_LIMIT_BYTES} bytes`),
  signatures: z.array(compactToken.max(1024)).max(SIGNATURES_LIMIT),
});

/**
 * The exact bytes of a trust bundle, and the signatures of roots. It is not trusted until shared/trust has
 * verified it.
 */
export type SignedBundle = z.infer<typeof signedBundleSchema>;

const SIGNED_LIMIT_BYTES = BUNDLE_LIMIT_BYTES + SIGNATURES_LIMIT * 1100;

/** Codec of SignedBundle. */
export const signedBundleCodec = messageCodec('SignedBundle', signedBundleSchema, SIGNED_LIMIT_BYTES);

const version = z
  .int()
  .min(0)
  .max(2 ** 31 - 1);

/** Codec of TrustQuery: a host asks for bundles that are newer than its own. */
export const trustQueryCodec = messageCodec(
  'TrustQuery',
  z.object({ host: hostName, afterVersion: version }),
  256,
);

/** Codec of TrustFetch: an operator asks for bundles that are newer than a version. */
export const trustFetchCodec = messageCodec('TrustFetch', z.object({ afterVersion: version }), 64);

/** Codec of TrustPublished: the version, and whether it was new to the controller. */
export const trustPublishedCodec = messageCodec(
  'TrustPublished',
  z.object({ version, newly: z.boolean() }),
  64,
);

const trustReplySchema = z.object({
  bundles: z.array(signedBundleSchema).max(256),
  lastVersion: version,
  newestVersion: version,
  /** A farcall-freshness+jwt: which bundle is the newest. */
  freshness: bundleStatementToken.optional(),
});

/** Bundles in ascending order of version, and the number of the newest. */
export type TrustReply = z.infer<typeof trustReplySchema>;

/** Codec of TrustReply. */
export const trustReplyCodec = messageCodec('TrustReply', trustReplySchema, MESSAGE_LIMIT_BYTES);

/** Codec of BundleStatement: a controller states which trust bundle is the newest. */
export const bundleStatementCodec = messageCodec(
  'BundleStatement',
  z.object({ token: bundleStatementToken }),
  8300,
);
