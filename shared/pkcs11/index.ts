export { type AskPin, newPkcs11Key, type Pkcs11Token, pkcs11Token } from './token.ts';
export type { Mechanism } from './token-messages.ts';
export { type Pkcs11Key, parsePkcs11Uri } from './uri.ts';
