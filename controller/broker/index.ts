export { type BrokerConfigInput, brokerConfig } from './broker-config.ts';
export {
  type BrokerSeeds,
  type BrokerTrust,
  brokerTrust,
  controllerCredentials,
  newBrokerSeeds,
  publicNkeyOf,
} from './broker-keys.ts';
export {
  type HostCredential,
  type HostCredentialSigner,
  type HostCredentials,
  hostCredentials,
} from './host-credentials.ts';
