export {
  type EnrolledBroker,
  type EnrolmentToken,
  formatEnrolmentToken,
  parseEnrolmentToken,
} from './enrolment-token.ts';

/** Path of the gRPC method with which a machine becomes a host: see proto/farcall/v1/enrolment.proto. */
export const REDEEM_PATH = '/farcall.v1.Enrolment/Redeem';
