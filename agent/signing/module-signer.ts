import { FarcallError, toFarcallError } from '../../shared/errors/index.ts';
import type { PermittedCall } from '../policy/index.ts';
import type { ControllerQuery } from './ask-controller.ts';
import { localSigner } from './local-signer.ts';
import { signingMode } from './signing-mode.ts';

/** Signs the modules of this host. */
export interface ModuleSigner {
  /** Whether a module would be signed now. */
  readonly signs: () => boolean;
  /**
   * DER of the signature over the module of `call`; undefined if it has no module, or its module is loaded
   * unsigned. Throws SIGNING_REFUSED if the controller refuses to sign, SIGNING_UNAVAILABLE if none answers
   * or the key fails.
   */
  signatureFor(call: PermittedCall): Promise<Uint8Array | undefined>;
}

/** The signer that the policy of this host asks for. */
export function moduleSigner(options: ControllerQuery): ModuleSigner {
  const { policy, stages } = options;
  const mode = () => signingMode(policy, stages.facts());
  const local = policy.moduleKey && localSigner(policy.moduleKey);
  return {
    signs: () => mode() !== 'none',
    async signatureFor(call) {
      const { image } = call.compiled;
      if (!image) return undefined;
      switch (mode()) {
        case 'none':
          return undefined;
        case 'local':
          return byKeyOfHost(() => local!(image));
        case 'controller': {
          // Loaded only here: an idle agent on a kernel that takes unsigned modules should stay small.
          const { askController } = await import('./ask-controller.ts');
          return askController(call, image, options);
        }
      }
    },
  };
}

async function byKeyOfHost(sign: () => Promise<Uint8Array>): Promise<Uint8Array> {
  try {
    return await sign();
  } catch (thrown) {
    const cause = toFarcallError(thrown);
    throw new FarcallError('SIGNING_UNAVAILABLE', `the module could not be signed: ${cause.message}`, {
      cause,
    });
  }
}
