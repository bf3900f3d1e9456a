export { askOn } from './ask.ts';
export {
  askPinOn,
  type CliContext,
  type CommonOptions,
  openKey,
  type Session,
  withController,
  withSession,
} from './context.ts';
export { hintsOf } from './hints.ts';
export { readIdentityFile, writeCurrentContext } from './identity-file.ts';
export { type OperatorClient, operatorClient } from './operator-client.ts';
export { type OperatorIdentity, readIdentity } from './operator-identity.ts';
export { processTerminal, type Terminal } from './terminal.ts';
