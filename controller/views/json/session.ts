import type { RolloutActionName } from '../../../shared/messages/index.ts';
import type { Outcome } from '../../../shared/outcome/index.ts';

/** How somebody signed in. */
export type SignInMethod = 'passkey' | 'operator-key' | 'oidc';

/** The person who is signed in. */
export interface MeJson {
  readonly name: string;
  readonly roles: readonly string[];
  readonly signInMethod: SignInMethod;
  readonly passkeys: readonly { readonly credentialId: string }[];
  /** When the session ends without further use. */
  readonly expiresAtMs: number;
  /** Name of the controller. */
  readonly controller: string;
  /** The WebAuthn relying party ID of this console. */
  readonly rpId: string;
  readonly trustVersion: number;
  /** The id of the site. */
  readonly site: string;
  readonly nowMs: number;
}

/** Which methods of signing in this console has. */
export interface SignInMethodsJson {
  /** Whether somebody has a passkey for this console. */
  readonly passkeys: boolean;
  readonly oidc: boolean;
  /** Name of the controller. */
  readonly controller: string;
}

/** An error as the API replies it. */
export interface ErrorJson {
  /** One of the codes in shared/errors/README.md. */
  readonly code: string;
  readonly message: string;
}

/** The reply to an unsuccessful call; the reply for `GET session` says how to sign in. */
export interface ErrorReplyJson {
  readonly error: ErrorJson;
  readonly signIn?: SignInMethodsJson;
}

/** A challenge for a passkey, base64url. */
export interface ChallengeJson {
  readonly challenge: string;
  readonly rpId: string;
}

/** What a passkey signed, all base64url (WebAuthn level 3, section 5.2.2). */
export interface AssertionJson {
  readonly credentialId: string;
  readonly authenticatorData: string;
  readonly clientDataJSON: string;
  readonly signature: string;
}

/** A new passkey, all base64url (WebAuthn level 3, section 5.2.1). */
export interface RegistrationJson {
  readonly clientDataJSON: string;
  readonly attestationObject: string;
}

/** The actions that take a person's own signature; `accept` and `object` are reviews of an emergency. */
export type SignedAction =
  | 'approve'
  | 'reject'
  | 'withdraw'
  | 'abort'
  | 'accept'
  | 'object'
  | RolloutActionName;

/** What a passkey can be asked to sign: an action on a request, the request itself, or a host's removal. */
export type SignableAction = SignedAction | 'request' | 'remove-host';

/** An action that a person wants to sign. */
export interface ProposalInput {
  readonly action: SignedAction;
  readonly reason?: string | undefined;
  /** Of an action on a rollout: the newest wave that the person saw; 0 in a pause for whichever runs. */
  readonly wave?: number | undefined;
  /** Of a retry: the outcomes of the hosts that try again. */
  readonly only?: readonly Outcome[] | undefined;
}

/**
 * What a passkey is asked to sign. The page shows it, compares it with the request, and computes the
 * challenge itself.
 */
export interface SigningProposalJson extends ChallengeJson {
  readonly action: SignableAction;
  /** Header and claims of the token. */
  readonly signingInput: string;
  readonly credentialIds: readonly string[];
}

/** A proposal that a passkey signed. */
export interface SignedProposalInput extends AssertionJson {
  readonly action: SignedAction;
  readonly signingInput: string;
}

/** A request that its requester has not signed yet, and what their passkey is asked to sign. */
export interface PreparedRequestJson {
  /** CallRequest, base64. */
  readonly bytes: string;
  readonly proposal: SigningProposalJson;
}

/** A request that the requester's passkey signed. */
export interface RequestSubmissionInput extends AssertionJson {
  /** CallRequest, base64. */
  readonly bytes: string;
  readonly signingInput: string;
}
