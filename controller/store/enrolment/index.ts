export {
  type EnrolmentProof,
  type EnrolmentRecord,
  type EnrolmentStore,
  enrolmentStoreOn,
  type NewEnrolment,
} from './enrolment-store.ts';
