export {
  type EnrolmentProof,
  type EnrolmentRecord,
  type EnrolmentStore,
  enrolmentStoreOn,
  type NewEnrolment,
  type RevokedEnrolment,
} from './enrolment-store.ts';
