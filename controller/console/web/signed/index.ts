export { fromBase64, toBase64url } from './base64.ts';
export { checkPrepared } from './check-prepared.ts';
export { checkRemoval } from './check-removal.ts';
export { checkSigning, type ExpectedClaims, type SigningClaims } from './check-signing.ts';
export { compareLibrary, libraryOf } from './compare-library.ts';
export { EFFECTS, exceedsEffect } from './effects.ts';
export { askPasskey, makePasskey } from './passkey.ts';
export { readRequest, type SignedRequest, shortSite, toHex } from './read-request.ts';
