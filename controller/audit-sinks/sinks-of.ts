import type { Clock } from '../../shared/clock/index.ts';
import type { AuditFormat } from '../audit-formats/index.ts';
import { type FileSettings, fileSink } from './file-sink.ts';
import type { Sink } from './sink.ts';
import type { SyslogFacility } from './syslog-message.ts';
import { syslogSink } from './syslog-sink.ts';
import { type TlsPeer, tlsFiles } from './tls-connection.ts';

/** The sinks as they are configured. */
export interface SinkSettings {
  readonly syslog?:
    | (TlsPeer & {
        readonly facility: SyslogFacility;
        readonly format: AuditFormat;
        readonly repeatMs: number;
      })
    | undefined;
  readonly file?: FileSettings | undefined;
}

/** Whose log is streamed. */
export interface SinkOrigin {
  readonly controller: string;
  readonly site: string;
  readonly clock: Clock;
}

/** The sinks of a configuration. Throws where their certificates cannot be used: an error of the start. */
export function sinksOf(
  { syslog, file }: SinkSettings,
  { controller, site, clock }: SinkOrigin,
): readonly Sink[] {
  const sinks: Sink[] = [];
  if (syslog) {
    const { facility, format, repeatMs, ...peer } = syslog;
    tlsFiles(peer);
    sinks.push(syslogSink({ peer, repeatMs, origin: { facility, format, controller, site } }, clock));
  }
  if (file) sinks.push(fileSink(file));
  return sinks;
}
