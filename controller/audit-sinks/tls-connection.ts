import { connect, type TLSSocket } from 'node:tls';
import { FarcallError } from '../../shared/errors/index.ts';
import { readSecret } from '../../shared/files/index.ts';
import { identityOneOf, readTrustedCertificates } from '../../shared/tls/index.ts';

/** The other side of a connection, and the certificates on both sides. */
export interface TlsPeer {
  /** Name or IP address; the certificate must be for it. */
  readonly host: string;
  readonly port: number;
  /** Certificates in PEM to trust, instead of the system's. */
  readonly caFile?: string | undefined;
  /** This side's certificate (with its chain) and key in PEM, if the other side wants one. */
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
}

const CONNECT_LIMIT_MS = 5000;
/** For one batch of entries, which is some 64 KiB; see `SinkStream`. */
const WRITE_LIMIT_MS = 5000;
const CLOSE_LIMIT_MS = 2000;
const KEEP_ALIVE_MS = 10_000;

/** The files of `peer` as Node takes them. Throws FILE_UNREADABLE; the key must be its owner's alone. */
export function tlsFiles({ caFile, certFile, keyFile }: TlsPeer) {
  return {
    ...(caFile !== undefined && { ca: readTrustedCertificates(caFile) }),
    ...(certFile !== undefined && { cert: readTrustedCertificates(certFile) }),
    ...(keyFile !== undefined && { key: readSecret(keyFile) }),
  };
}

/**
 * Connects to `peer`. The files are read each time, so that a renewed certificate counts. Rejects with Node's
 * error, or FILE_UNREADABLE.
 *
 * Threat: somebody on the path takes the receiver's place, reads the log, and swallows it. The certificate
 * must lead to `caFile` and be for the configured host (RFC 5425, 4.2.1 and 5.2). TLS 1.2 is allowed, because
 * receivers are not ours.
 */
export function connectTls(peer: TlsPeer): Promise<TLSSocket> {
  const { host, port } = peer;
  return new Promise((resolve, reject) => {
    const socket = connect({
      ...{ host, port, minVersion: 'TLSv1.2', checkServerIdentity: identityOneOf([host]) },
      ...tlsFiles(peer),
    });
    const timer = setTimeout(
      () => socket.destroy(new Error(`no connection within ${CONNECT_LIMIT_MS / 1000} s`)),
      CONNECT_LIMIT_MS,
    );
    socket.once('close', () => clearTimeout(timer));
    // Of a broken connection the stream learns by its close.
    socket.on('error', reject);
    socket.once('secureConnect', () => {
      clearTimeout(timer);
      socket.setKeepAlive(true, KEEP_ALIVE_MS);
      // Receivers send nothing (RFC 5425, 4.3); the end of the connection is only seen by who reads.
      socket.resume();
      resolve(socket);
    });
  });
}

/** Writes `text`; resolves once the kernel has it. Rejects if the connection breaks or takes nothing. */
export function writeWithin(socket: TLSSocket, text: string, limitMs = WRITE_LIMIT_MS): Promise<void> {
  return new Promise((resolve, reject) => {
    const stalled = new FarcallError('UNREACHABLE', `it took nothing for ${limitMs / 1000} s`);
    const timer = setTimeout(() => reject(stalled), limitMs);
    socket.write(text, 'utf8', error => {
      clearTimeout(timer);
      if (error) reject(error);
      else resolve();
    });
  });
}

/** Closes the connection; whether the other side closed it too, and so has read everything. */
export function closeInOrder(socket: TLSSocket, limitMs = CLOSE_LIMIT_MS): Promise<boolean> {
  if (socket.destroyed) return Promise.resolve(false);
  return new Promise(resolve => {
    let isInOrder = true;
    const timer = setTimeout(() => {
      isInOrder = false;
      socket.destroy();
    }, limitMs);
    socket.once('error', () => {
      isInOrder = false;
    });
    socket.once('close', hadError => {
      clearTimeout(timer);
      resolve(isInOrder && !hadError);
    });
    socket.end();
  });
}
