import { FarcallError } from '../../../shared/errors/index.ts';

/** One record of the kernel's log. */
export interface LogRecord {
  /** 0 (emergency) to 7 (debug), as in syslog(2). */
  readonly level: number;
  /** 0 for the kernel itself; others were written by programs to /dev/kmsg. */
  readonly facility: number;
  /** Counts up by one per record since boot. */
  readonly sequence: number;
  /** Microseconds since boot. */
  readonly timestampUs: number;
  /** Whether the text continues the line of the previous record. */
  readonly continues: boolean;
  /** The text, without a newline at its end. */
  readonly text: string;
}

/** prio,sequence,microseconds,flags and whatever later kernels put behind them, up to the semicolon. */
const PREFIX = /^(\d{1,10}),(\d{1,16}),(\d{1,16}),([^,;]*)(?:,[^;]*)?;/;

/**
 * Reads one record of /dev/kmsg (Documentation/ABI/testing/dev-kmsg). Lines after the first that start with a
 * blank are key=value pairs about devices; they are left out.
 *
 *     6,339,5140900,-,caller=T1;NET: Registered \x22PF_VSOCK\x22 protocol family
 *      SUBSYSTEM=net
 *
 * @throws FarcallError FILE_UNREADABLE for bytes of another form
 */
export function parseLogRecord(bytes: Uint8Array): LogRecord {
  const record = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  const match = PREFIX.exec(record);
  if (match === null) {
    throw new FarcallError(
      'FILE_UNREADABLE',
      'a record of /dev/kmsg is not of the form "prio,sequence,time,flags;text"',
    );
  }
  const priority = Number(match[1]);
  const lines = record.slice(match[0].length).split('\n');
  const end = lines.findIndex((line, index) => index > 0 && (line === '' || line.startsWith(' ')));
  return {
    level: priority & 7,
    facility: Math.floor(priority / 8),
    sequence: Number(match[2]),
    timestampUs: Number(match[3]),
    continues: match[4]!.includes('+'),
    text: unescapeText(lines.slice(0, end < 0 ? lines.length : end).join('\n')),
  };
}

/**
 * Bytes that are not printable ASCII, and the backslash, are written as `\xNN`; together they may be UTF-8.
 */
function unescapeText(text: string): string {
  if (!text.includes('\\x')) return text;
  return text.replace(/(?:\\x[0-9a-f]{2})+/g, run =>
    Buffer.from(run.replaceAll('\\x', ''), 'hex').toString('utf8'),
  );
}

/** A record as dmesg(1) shows it: `[    5.140900] NET: Registered …`. */
export function formatLogRecord({ timestampUs, text }: LogRecord): string {
  const seconds = Math.floor(timestampUs / 1_000_000);
  const micros = String(timestampUs % 1_000_000).padStart(6, '0');
  return `[${String(seconds).padStart(5)}.${micros}] ${text}`;
}
