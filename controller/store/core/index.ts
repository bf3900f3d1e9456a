export {
  AUDIT_KINDS,
  type AuditDetail,
  type AuditEntry,
  type AuditKind,
  HOSTS_PER_ENTRY,
  isAuditKind,
} from './audit-kinds.ts';
export {
  type AuditHead,
  type AuditQuery,
  type AuditStore,
  auditDigest,
  auditStoreOn,
  chainHash,
  chainStart,
} from './audit-log.ts';
export { type AuditSource, PRIMARY_KEYS, TABLES } from './audit-source.ts';
export { batchLookups } from './batch-lookups.ts';
export { type ChangeFeed, type ChangeListener, createChangeFeed } from './change-feed.ts';
export { type Change, type Database, databaseOn, type PlainTransaction } from './database.ts';
export { type Engine, isStoreDown, storeFailed, storeFull } from './engine.ts';
export {
  checkStoreKey,
  emptyTableMacs,
  type ForgedRow,
  isNewStore,
  type MacTables,
  macTables,
  type ReportForgedRow,
  type TableEdit,
} from './mac-tables.ts';
export {
  BytesDigest,
  EMPTY_SUM,
  hasOwnMac,
  isSameMac,
  movedSum,
  newStoreSecret,
  readStoreKey,
  rowMac,
  type StoreKey,
  storeKey,
  tableMac,
  type Unsigned,
} from './row-macs.ts';
export {
  type StoreCondition,
  type StoreProbe,
  type StoreState,
  type StoreStatus,
  storeCondition,
  storeProbe,
} from './store-condition.ts';
export { isMacTable, MAC_TABLES, TABLE_PROOFS, type TableProof } from './table-proofs.ts';
