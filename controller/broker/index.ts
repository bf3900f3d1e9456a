export { type BrokerConfigInput, brokerConfig } from './broker-config.ts';
export {
  type BrokerControl,
  type BrokerLogins,
  brokerLogins,
  type LetBack,
  parseBrokerControl,
  REVOKED_LIMIT,
  type RevokedLogins,
  SUSPENDED_LIMIT,
  SUSPENSION_S,
  type SystemRequest,
  type WithSystemAccount,
} from './broker-control.ts';
export {
  type BrokerSeeds,
  type BrokerTrust,
  brokerControlFile,
  brokerTrust,
  controllerCredentials,
  credentialsEndAtMs,
  newBrokerSeeds,
  nkeyOfCredentials,
  publicNkeyOf,
} from './broker-keys.ts';
export {
  type HostCredential,
  type HostCredentialSigner,
  type HostCredentials,
  hostCredentials,
} from './host-credentials.ts';
