export { checkApiAddress, isSocketFile } from './api-address.ts';
export {
  OPERATOR_METHODS,
  type OperatorMethod,
  type OperatorMethodName,
  type ReplyOf,
  type RequestOf,
} from './operator-methods.ts';
