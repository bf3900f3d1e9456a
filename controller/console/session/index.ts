export { assertionSchema } from './assertion.ts';
export { type Calls, callsOf } from './calls.ts';
export { passkeyFile, registrationSchema } from './register-passkey.ts';
export { beginSession, findSession, isInItsTime, isOver, type Newcomer, type SignedIn } from './sessions.ts';
export { handInSigned, passkeysOf, proposeSigning, SIGNED_ACTS, wishSchema } from './sign-acts.ts';
export { codeSignIn, newChallenge, newCode, passkeySignIn } from './sign-in.ts';
