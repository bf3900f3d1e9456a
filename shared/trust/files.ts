import { readFileSync } from 'node:fs';
import { FarcallError } from '../errors/index.ts';
import { BUNDLE_LIMIT_BYTES, type SignedBundle, signedBundleCodec } from '../messages/index.ts';
import {
  checkPinnedRoots,
  checkTrustBundle,
  encodeTrustBundle,
  type PinnedRoots,
  type TrustBundle,
} from './bundle.ts';
import { checkRootsRules } from './bundle-rules.ts';

/** Indented JSON is about three times its canonical size at most. */
const FILE_LIMIT_CHARS = 4 * BUNDLE_LIMIT_BYTES;

/** A bundle from a file that people read, with the signatures that it has so far; a draft has none. */
export interface BundleFile {
  readonly bundle: TrustBundle;
  /** The same bundle as it is signed and sent. */
  readonly signed: SignedBundle;
}

/**
 * The bundle file in `text`: `{"bundle": {…}, "signatures": […]}`, in any layout. Roots sign the canonical
 * form of `bundle`, which is made here, so that people can read the file and it still has one meaning.
 * Signatures are not checked. Throws TRUST_INVALID naming `origin` and the member that is wrong.
 */
export function parseBundleFile(text: string, origin: string): BundleFile {
  const json = parsedObject(text, origin);
  const [extra] = Object.keys(json).filter(member => member !== 'bundle' && member !== 'signatures');
  if (extra !== undefined) throw new FarcallError('TRUST_INVALID', `${origin}: unknown member '${extra}'`);
  const bundle = checkTrustBundle(json['bundle'], origin);
  const signed = { bundle: encodeTrustBundle(bundle), signatures: json['signatures'] as string[] };
  try {
    return { bundle, signed: signedBundleCodec.decode(signedBundleCodec.encode(signed)) };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FarcallError('TRUST_INVALID', `${origin}: ${reason}`, { cause });
  }
}

/** The text of a bundle file, indented for people. */
export function bundleFileText(bundle: TrustBundle, signatures: readonly string[]): string {
  return `${JSON.stringify({ bundle, signatures }, null, 2)}\n`;
}

/**
 * The bundle in the file `path`. Throws FILE_UNREADABLE, or TRUST_INVALID naming the member that is wrong.
 */
export function readBundleFile(path: string): BundleFile {
  return parseBundleFile(readText(path, 'the trust bundle'), path);
}

/**
 * The site and the roots in the file `path`, `{"site": …, "threshold": 2, "members": [{"name": …, "keys":
 * […]}]}`, which hosts and controllers pin. Throws FILE_UNREADABLE, or TRUST_INVALID naming the member that
 * is wrong.
 */
export function readRootsFile(path: string): PinnedRoots {
  const roots = checkPinnedRoots(parsedObject(readText(path, 'the file of roots'), path), path);
  checkRootsRules(roots, what => new FarcallError('TRUST_INVALID', `${path}: ${what}`));
  return roots;
}

/**
 * The site and roots of `bundle` as the text of a file of roots: one text for one bundle, and so one digest.
 */
export function rootsFileText({
  site,
  siteLabel,
  roots,
}: Pick<TrustBundle, 'site' | 'siteLabel' | 'roots'>): string {
  return `${JSON.stringify({ site, siteLabel, ...roots }, null, 2)}\n`;
}

function readText(path: string, what: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new FarcallError('FILE_UNREADABLE', `${what} ${path} cannot be read`, { cause });
  }
}

function parsedObject(text: string, origin: string): Record<string, unknown> {
  if (text.length > FILE_LIMIT_CHARS)
    throw new FarcallError('TRUST_INVALID', `${origin}: over ${FILE_LIMIT_CHARS} characters`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new FarcallError('TRUST_INVALID', `${origin}: not JSON`, { cause });
  }
  if (typeof json === 'object' && json !== null && !Array.isArray(json))
    return json as Record<string, unknown>;
  throw new FarcallError('TRUST_INVALID', `${origin}: not a JSON object`);
}
