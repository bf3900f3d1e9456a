import { hostname } from 'node:os';
import type { TLSSocket } from 'node:tls';
import type { Clock } from '../../shared/clock/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import type { Sink } from './sink.ts';
import { type SyslogOrigin, syslogFrame, syslogMessage } from './syslog-message.ts';
import { closeInOrder, connectTls, type TlsPeer, writeWithin } from './tls-connection.ts';

/** A syslog receiver, and what is sent to it. */
export interface SyslogSettings {
  readonly peer: TlsPeer;
  readonly origin: Omit<SyslogOrigin, 'hostname' | 'processId'>;
  /** How long an entry that was sent counts as not yet arrived; see {@link syslogSink}. */
  readonly repeatMs: number;
}

/**
 * Sends entries to a syslog receiver over TLS (RFC 5425).
 *
 * Syslog has no acknowledgement (RFC 5425, 6.3 names this). What the socket has accepted may still be in
 * buffers of either machine, and is lost with a connection that breaks. So an entry is settled only
 * `repeatMs` after it was written to a connection that is still there; if the connection breaks, everything
 * since the last settled entry is sent again. A receiver drops repeats by `seq`. An end in good order (both
 * sides close the TLS connection) settles everything. What this cannot see: a receiver that hangs longer than
 * `repeatMs` with entries in its buffers and then dies, and one that loses what it has read.
 */
export function syslogSink(settings: SyslogSettings, clock: Clock): Sink {
  const { peer, repeatMs } = settings;
  const origin = { ...settings.origin, hostname: hostname(), processId: process.pid };
  let socket: TLSSocket | undefined;
  let pending: { readonly seq: number; readonly atMs: number }[] = [];
  let settled = 0;
  let isLost = false;
  const connect = async (): Promise<TLSSocket> => {
    const opened = await connectTls(peer);
    opened.once('close', () => {
      if (socket !== opened) return;
      socket = undefined;
      isLost ||= pending.length > 0;
      pending = [];
    });
    return opened;
  };
  const drop = (): void => {
    socket?.destroy();
    socket = undefined;
    pending = [];
  };
  return {
    name: 'syslog',
    async write(entries) {
      try {
        socket ??= await connect();
        const frames = entries.map(entry => syslogFrame(syslogMessage(entry, origin)));
        await writeWithin(socket, frames.join(''));
      } catch (cause) {
        drop();
        throw new FarcallError('UNREACHABLE', reasonOf(cause), { cause });
      }
      const seq = entries.at(-1)?.seq;
      if (seq !== undefined) pending.push({ seq, atMs: clock.nowMs() });
    },
    settledSeq() {
      const limitMs = clock.nowMs() - repeatMs;
      while (pending[0] && pending[0].atMs <= limitMs) settled = pending.shift()?.seq ?? settled;
      return settled;
    },
    takeLoss() {
      const lost = isLost;
      isLost = false;
      return lost;
    },
    async close() {
      const [open, last] = [socket, pending.at(-1)];
      socket = undefined;
      pending = [];
      if (open && (await closeInOrder(open)) && last) settled = last.seq;
    },
  };
}

/** What Node says of a socket: its code, such as ECONNREFUSED, or else its message. */
function reasonOf(cause: unknown): string {
  const { code, message } = cause as { code?: string; message?: string };
  return code ?? message ?? String(cause);
}
