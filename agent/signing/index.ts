export type { ControllerQuery } from './ask-controller.ts';
export { localSigner } from './local-signer.ts';
export { type ModuleSigner, moduleSigner } from './module-signer.ts';
export { signingMode } from './signing-mode.ts';
