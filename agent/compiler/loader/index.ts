export { buildLoader } from './build-loader.ts';
export { GO_BYTES, IMAGE_LIMIT_BYTES, REPLY_HEADER_BYTES, RESULT_ADDRESS } from './layout.ts';
