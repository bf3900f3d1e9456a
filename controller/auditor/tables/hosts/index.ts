export { enrolmentsCheck } from './enrolments.ts';
export { hostAcceptancesCheck } from './host-acceptances.ts';
export { hostContactsCheck } from './host-contacts.ts';
export { hostHeartbeatsCheck } from './host-heartbeats.ts';
export { hostJournalsCheck } from './host-journals.ts';
export { hostKeysCheck } from './host-keys.ts';
export { hostRemovalsCheck } from './host-removals.ts';
export { hostsCheck } from './hosts.ts';
