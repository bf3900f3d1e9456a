export {
  absoluteKeySource,
  isKeyFile,
  type KeySurroundings,
  newPkcs11SigningKey,
  openSigningKey,
} from './open-signing-key.ts';
