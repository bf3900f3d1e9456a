export { assertionSchema } from './assertion.ts';
export { type OperatorApi, operatorApi } from './operator-api.ts';
export { passkeyFile, registrationSchema } from './register-passkey.ts';
export {
  beginSession,
  findSession,
  isKeyValidNow,
  isOver,
  type SignedIn,
  type SignInSubject,
} from './sessions.ts';
export {
  passkeysOf,
  proposalInputSchema,
  proposeRequest,
  proposeSigning,
  SIGNED_ACTIONS,
  submitRequest,
  submitSigned,
} from './sign-actions.ts';
export { codeSignIn, newChallenge, newCode, passkeySignIn } from './sign-in.ts';
export { proposeRemoval, submitRemoval } from './sign-removal.ts';
