import type { ErrorCode } from '../errors/index.ts';
import type { Pkcs11Key } from './uri.ts';

/** How a key signs: Ed25519, ECDSA over a digest (r and s), or RSA by PKCS#1 v1.5 over a DigestInfo. */
export type Mechanism = 'EDDSA' | 'ECDSA' | 'RSA-PKCS';

/** The key, without where its PIN is: the process of a token reads no files. */
export type KeyInToken = Omit<Pkcs11Key, 'pinFile'>;

/** What the process of a token is asked for. It answers each call before it takes the next. */
export type TokenCall = { readonly key: KeyInToken } & (
  | { readonly want: 'point' }
  | {
      readonly want: 'signature';
      readonly mechanism: Mechanism;
      readonly data: Uint8Array;
      /** Undefined if none was asked for yet. */
      readonly pin: string | undefined;
    }
  /** The public half of a key that is made by this call. */
  | { readonly want: 'new-key'; readonly pin: string | undefined }
);

/** Its answer. After a failure the process ends: what a library is like then, nobody knows. */
export type TokenAnswer =
  | { readonly bytes: Uint8Array }
  /** The token requires a PIN before it signs, and the call had none. */
  | { readonly pinNeeded: true }
  | {
      readonly failed: {
        readonly code: ErrorCode;
        readonly message: string;
        /** Whether the token refused the PIN. It locks itself after a few wrong ones. */
        readonly isPinRefused: boolean;
      };
    };
