export { absoluteKeySource, isKeyFile, type KeySurroundings, openSigningKey } from './open-signing-key.ts';
