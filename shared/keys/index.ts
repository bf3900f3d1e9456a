export { absoluteKeySource, isKeyFile, type KeySurroundings, openSigningKey } from './open-signing-key.ts';
export { newPkcs11SigningKey } from './pkcs11-key.ts';
