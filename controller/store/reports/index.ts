export {
  type ExpectedHostStatus,
  REPORTS_START,
  type ReportCursor,
  type ReportPage,
  type ReportStore,
  reportStoreOn,
} from './report-store.ts';
export { type RowStore, rowStoreOn, type StoredRows } from './row-store.ts';
