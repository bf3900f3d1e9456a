export { errorFromStatus, statusFromError } from './error-status.ts';
export { checkLocalAddress } from './local-address.ts';
export {
  OPERATOR_METHODS,
  type OperatorMethod,
  type OperatorMethodName,
  type ReplyOf,
  type RequestOf,
} from './operator-methods.ts';
