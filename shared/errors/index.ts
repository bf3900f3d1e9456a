export { ERROR_CODES, type ErrorCode, type GrpcStatusName, isErrorCode } from './codes.ts';
export {
  FarcallError,
  type FarcallErrorOptions,
  isLasting,
  type SourceLocation,
  toFarcallError,
} from './farcall-error.ts';
export { reasonOf } from './reason-of.ts';
