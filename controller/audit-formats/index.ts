export { toAscii } from './ascii.ts';
export { AUDIT_FORMATS, type AuditFormat, auditLine } from './audit-line.ts';
export { type Importance, importanceOf } from './importance.ts';
