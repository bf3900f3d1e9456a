import { FarcallError } from '../errors/index.ts';

/** A key in a PKCS#11 token, as its URI (RFC 7512) names it. */
export interface Pkcs11Key {
  /** Path of the library of the token: `/usr/lib/softhsm/libsofthsm2.so`. */
  readonly modulePath: string;
  readonly token: string;
  /** Label of the key; undefined if the URI names its id only. */
  readonly object: string | undefined;
  /** Id of the key in hex; undefined if the URI names its label only. */
  readonly id: string | undefined;
  /** File with the PIN, 0600; undefined if the token requires none, or a person is asked for it. */
  readonly pinFile: string | undefined;
}

const URI_LIMIT_CHARS = 4096;

/**
 * The parts of a `pkcs11:` URI (RFC 7512). Throws CONFIG_INVALID naming what is missing or unknown.
 *
 *     pkcs11:token=fleet;object=module-key?module-path=/usr/lib/softhsm/libsofthsm2.so
 *       &pin-source=file:/etc/farcall/pin
 */
export function parsePkcs11Uri(uri: string): Pkcs11Key {
  const invalid = (why: string): FarcallError => new FarcallError('CONFIG_INVALID', `${uri}: ${why}`);
  if (uri.length > URI_LIMIT_CHARS) throw new FarcallError('CONFIG_INVALID', 'a pkcs11: URI is too long');
  // Before anything quotes the URI.
  if (/[:;?&]pin-value=/.test(uri)) throw invalidPin();
  const match = /^pkcs11:([^?]*)(?:\?(.*))?$/.exec(uri);
  if (!match) throw invalid('not a pkcs11: URI');
  const members = new Map<string, Buffer>();
  for (const part of [...(match[1] ?? '').split(';'), ...(match[2] ?? '').split('&')].filter(Boolean)) {
    const [name = '', ...rest] = part.split('=');
    if (!KNOWN.has(name) || members.has(name)) throw invalid(`'${name}' is unknown, or given twice`);
    members.set(name, percentDecoded(rest.join('=')));
  }
  const text = (name: string): string | undefined => members.get(name)?.toString('utf8');
  const [modulePath, token] = [text('module-path'), text('token')];
  if (!modulePath?.startsWith('/')) throw invalid('module-path must be the absolute path of a library');
  if (!token) throw invalid('token is missing');
  const [object, id] = [text('object') || undefined, members.get('id')?.toString('hex') || undefined];
  if (!object && !id) throw invalid('object or id is missing: which key?');
  const pinFile = text('pin-source')?.replace(/^file:(\/\/)?/, '');
  if (pinFile?.startsWith('/') === false) throw invalid('pin-source must be the absolute path of a file');
  return { modulePath, token, object, id, pinFile };
}

/** Threat: a PIN in a configuration or on a command line is read by everyone who may read these. */
function invalidPin(): FarcallError {
  return new FarcallError(
    'CONFIG_INVALID',
    'a pkcs11: URI may not contain the PIN; name a file with it (0600) in pin-source',
  );
}

const KNOWN: ReadonlySet<string> = new Set(['token', 'object', 'id', 'type', 'module-path', 'pin-source']);

function percentDecoded(text: string): Buffer {
  const hexed = text.replace(/%([0-9a-fA-F]{2})/g, (_all, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(hexed, 'latin1');
}
