import { z } from 'zod';
import { AUDIT_FORMATS } from '../audit-formats/index.ts';
import { SYSLOG_FACILITIES, type SyslogFacility } from '../audit-sinks/index.ts';

const path = z.string().min(1);
const format = z.enum(AUDIT_FORMATS).default('json');

const syslogSchema = z
  .strictObject({
    /** Name or IP address of the receiver. Its certificate must be for it. */
    host: z.string().min(1).max(255),
    /** Its port for syslog over TLS. */
    port: z.int().min(1).max(65_535).default(6514),
    /** Certificates to trust for it, instead of the system's. */
    caFile: path.optional(),
    /** The controller's certificate (with its chain) in PEM, if the receiver wants one. */
    certFile: path.optional(),
    /** The key of that certificate, 0600. */
    keyFile: path.optional(),
    /** The facility of the messages. */
    facility: z
      .enum(Object.keys(SYSLOG_FACILITIES) as [SyslogFacility, ...SyslogFacility[]])
      .default('audit'),
    /** How the entry is written in the text of the message. */
    format,
    /**
     * Syslog has no acknowledgement. If the connection breaks, entries that were sent within this time before
     * are sent again.
     */
    repeatMs: z.int().min(0).max(3_600_000).default(10_000),
  })
  .refine(
    ({ certFile, keyFile }) => (certFile === undefined) === (keyFile === undefined),
    'certFile and keyFile belong together',
  );

/** The member `audit` of a configuration: where the audit log is streamed to, besides the store. */
export const auditSchema = z.strictObject({
  /** A syslog receiver (RFC 5424), over TLS (RFC 5425). */
  syslog: syslogSchema.optional(),
  /** A file to which each entry is appended as a line. */
  file: z
    .strictObject({
      /** The file, 0600 if it is new. To rotate it, rename it. */
      path,
      /** How each entry is written. */
      format,
    })
    .optional(),
});

/** Where the audit log is streamed to, as it is configured. */
export type AuditConfig = z.infer<typeof auditSchema>;

/** `audit` with the paths in it made absolute. */
export function withAbsoluteAudit(audit: AuditConfig, absolute: (path: string) => string): AuditConfig {
  const { syslog, file } = audit;
  const { caFile, certFile, keyFile } = syslog ?? {};
  return {
    ...(syslog && {
      syslog: {
        ...syslog,
        ...(caFile !== undefined && { caFile: absolute(caFile) }),
        ...(certFile !== undefined && { certFile: absolute(certFile) }),
        ...(keyFile !== undefined && { keyFile: absolute(keyFile) }),
      },
    }),
    ...(file && { file: { ...file, path: absolute(file.path) } }),
  };
}
