import type { SigningKey } from '../../shared/tokens/index.ts';

/** A controller as its tokens name it, and the key that signs them. */
export interface ControllerSigner {
  /** Its name in the trust bundle. */
  readonly name: string;
  readonly site: string;
  readonly key: SigningKey;
}
