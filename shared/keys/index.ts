export {
  absoluteKeySource,
  isKeyFile,
  type KeySurroundings,
  newPkcs11SigningKey,
  openSigningKey,
  withoutPin,
} from './open-signing-key.ts';
