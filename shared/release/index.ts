export {
  type Checksums,
  checksumOf,
  checksumsText,
  parseChecksums,
  SIGNATURE_FILE,
  SUMS_FILE,
} from './checksums.ts';
export {
  parseReleaseKey,
  type ReleaseKey,
  releaseKeyOf,
  releaseKeyText,
  signRelease,
  verifyReleaseSignature,
} from './minisign.ts';
export { type VerifiedRelease, verifyRelease } from './verify-release.ts';
