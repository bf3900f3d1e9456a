export { type BrokerTls, brokerTls } from './broker-tls.ts';
export { brokerUrl, hostsOf, wantsTls } from './broker-url.ts';
export { checkCertificates, demandTls13, identityOneOf, readTrustedCertificates } from './tls.ts';
