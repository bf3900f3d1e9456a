export { type OperatorKeys, type OperatorRole, operatorKeys } from './operator-keys.ts';
export { type TrustSource, trustSource } from './trust-source.ts';
