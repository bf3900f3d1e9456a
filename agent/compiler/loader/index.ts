export { buildLoader } from './build-loader.ts';
export {
  DELETE_AT_ONCE,
  GO_BYTES,
  IMAGE_LIMIT_BYTES,
  MODULE_CALLS,
  REPLY_HEADER_BYTES,
  RESULT_ADDRESS,
} from './layout.ts';
