export { type BrokerTls, brokerTls } from './broker-tls.ts';
export { brokerUrl, hostsOf, isLoopback, wantsTls } from './broker-url.ts';
export { checkCertificates, identityOneOf, readTrustedCertificates, requireTls13 } from './tls.ts';
