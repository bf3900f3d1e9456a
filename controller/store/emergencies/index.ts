export {
  beginEmergency,
  type EmergencyRecord,
  type EmergencyStore,
  emergencyStoreOn,
  type NewEmergency,
  type NewReview,
  type ReviewRecord,
  type ReviewVerdict,
} from './emergency-store.ts';
