export { listRows, type RowsDeps } from './list-rows.ts';
