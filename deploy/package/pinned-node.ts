// @ts-expect-error plain JavaScript that runs before TypeScript can
import * as pinned from '../setup/pinned-node.mjs';

/** The version of Node that this checkout pins, and the SHA-256 of its binary by Node's name of the CPU. */
export const NODE_BINARIES = pinned.NODE_BINARIES as {
  readonly version: string;
  readonly sha256: Readonly<Record<string, string>>;
};

/** Throws if the file `path` does not have this SHA-256. */
export const checkDigest = pinned.checkDigest as (path: string, expected: string) => void;
