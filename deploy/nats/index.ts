export { type BrokerConfigInput, type BrokerUser, brokerConfig } from './broker-config.ts';
