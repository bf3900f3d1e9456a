import { randomBytes } from 'node:crypto';
import { FarcallError } from '../errors/index.ts';
import { type Cryptoki, type Handle, openCryptoki, type Slot, type Template } from './cryptoki.ts';
import { ed25519Point } from './ed25519-attribute.ts';
import type { KeyInToken, Mechanism } from './token-messages.ts';

/* Numbers of PKCS#11 2.40, and of 3.0 for Edwards curves (pkcs11t.h). */
const CKA_CLASS = 0;
const CKA_TOKEN = 1;
const CKA_PRIVATE = 2;
const CKA_LABEL = 3;
const CKA_KEY_TYPE = 0x100;
const CKA_ID = 0x102;
const CKA_SENSITIVE = 0x103;
const CKA_DECRYPT = 0x105;
const CKA_UNWRAP = 0x107;
const CKA_SIGN = 0x108;
const CKA_VERIFY = 0x10a;
const CKA_EXTRACTABLE = 0x162;
const CKA_EC_PARAMS = 0x180;
const CKA_EC_POINT = 0x181;
const CKA_ALWAYS_AUTHENTICATE = 0x202;
const CKO_PUBLIC_KEY = 2;
const CKO_PRIVATE_KEY = 3;
const CKK_EC_EDWARDS = 0x40n;
const CKF_LOGIN_REQUIRED = 4n;
const CKF_PROTECTED_AUTHENTICATION_PATH = 0x100n;
const CKM_EC_EDWARDS_KEY_PAIR_GEN = 0x1055;
/** DER of the PrintableString `edwards25519` (PKCS#11 3.0, 6.3.3). */
const EDWARDS25519 = Buffer.from('\x13\x0cedwards25519', 'latin1');
/** Of the id of a key that is made without one. */
const ID_BYTES = 8;
const CKU_USER = 1;
const CKU_CONTEXT_SPECIFIC = 2;

const MECHANISMS: Readonly<Record<Mechanism, number>> = {
  'RSA-PKCS': 1,
  ECDSA: 0x1041,
  EDDSA: 0x1057,
};

/** A key in a token, with a session. Methods throw KEY_UNAVAILABLE and KEY_REFUSED. */
export interface OpenedToken {
  /** The 32 bytes of the Ed25519 public key. */
  point(): Uint8Array;
  /** Whether {@link login} must come before {@link sign}, with a PIN. */
  readonly needsPin: boolean;
  login(pin: string | undefined): void;
  sign(mechanism: Mechanism, data: Uint8Array): Uint8Array;
  /**
   * Makes an Ed25519 key with the label and id that are named, which never leaves the token; returns the 32
   * bytes of its public half. After {@link login}. Throws CONFLICT if there is such a key.
   */
  generate(): Uint8Array;
}

/**
 * Opens the token of `key`. Throws KEY_UNAVAILABLE if there is no such library or token, or several tokens of
 * that name. With `mayChange`, keys can be made.
 */
export function openToken(key: KeyInToken, mayChange = false): OpenedToken {
  const cryptoki = openCryptoki(key.modulePath);
  const slot = slotOf(cryptoki, key);
  const session = cryptoki.openSession(slot.id, mayChange);
  const hasPad = (slot.flags & CKF_PROTECTED_AUTHENTICATION_PATH) !== 0n;
  let login: { readonly pin: Uint8Array | undefined } | undefined;
  let privateKey: Handle | undefined;
  return {
    point: () => pointOf(cryptoki, session, key),
    get needsPin() {
      return (slot.flags & CKF_LOGIN_REQUIRED) !== 0n && login === undefined && !hasPad;
    },
    login(pin) {
      const given = hasPad || pin === undefined ? undefined : Buffer.from(pin, 'utf8');
      cryptoki.login(session, CKU_USER, given);
      login = { pin: given };
    },
    sign(mechanism, data) {
      privateKey ??= onlyKey(cryptoki, session, { key, class: CKO_PRIVATE_KEY });
      cryptoki.signInit(session, MECHANISMS[mechanism], privateKey);
      // Such a key wants the PIN again for each signature.
      if (cryptoki.attribute(session, privateKey, CKA_ALWAYS_AUTHENTICATE)?.[0] === 1)
        cryptoki.login(session, CKU_CONTEXT_SPECIFIC, login?.pin);
      return cryptoki.sign(session, data);
    },
    generate: () => generate(cryptoki, session, key),
  };
}

function slotOf(cryptoki: Cryptoki, { token, modulePath }: KeyInToken): Slot {
  const slots = cryptoki.slots();
  const [slot, another] = slots.filter(({ label }) => label === token);
  if (slot && !another) return slot;
  const labels = slots.map(({ label }) => label).filter(label => label !== '');
  throw new FarcallError(
    'KEY_UNAVAILABLE',
    another
      ? `${modulePath} has several tokens '${token}'`
      : `${modulePath} has no token '${token}'; it has ${labels.join(', ').slice(0, 300) || 'none'}`,
  );
}

function pointOf(cryptoki: Cryptoki, session: Handle, key: KeyInToken): Uint8Array {
  const object = onlyKey(cryptoki, session, { key, class: CKO_PUBLIC_KEY });
  const type = cryptoki.attribute(session, object, CKA_KEY_TYPE);
  const point = cryptoki.attribute(session, object, CKA_EC_POINT);
  const isEdwards = type?.length === 8 && type.readBigUInt64LE() === CKK_EC_EDWARDS;
  const bytes = isEdwards && point ? ed25519Point(point) : undefined;
  if (bytes) return bytes;
  throw new FarcallError(
    'KEY_UNAVAILABLE',
    `${nameOf(key)} is not an Ed25519 key; people and controllers sign by no other`,
  );
}

/**
 * Threat: a key that can be read out of its token is a key in a file. So the private half is sensitive and
 * not extractable from the moment at which it is made.
 */
function generate(cryptoki: Cryptoki, session: Handle, key: KeyInToken): Uint8Array {
  const named = namedAs(key);
  for (const kind of [CKO_PRIVATE_KEY, CKO_PUBLIC_KEY])
    if (cryptoki.find(session, { [CKA_CLASS]: ulong(kind), ...named }).length > 0)
      throw new FarcallError('CONFLICT', `the token '${key.token}' has a key ${nameOf(key)} already`);
  const [yes, no] = [Buffer.of(1), Buffer.of(0)];
  // Some tokens know by the id which halves belong together.
  const both = { [CKA_ID]: randomBytes(ID_BYTES), ...named };
  const object = cryptoki.generateKeyPair(session, CKM_EC_EDWARDS_KEY_PAIR_GEN, {
    public: {
      ...both,
      [CKA_TOKEN]: yes,
      [CKA_PRIVATE]: no,
      [CKA_VERIFY]: yes,
      [CKA_EC_PARAMS]: EDWARDS25519,
    },
    private: {
      ...both,
      ...{ [CKA_TOKEN]: yes, [CKA_PRIVATE]: yes, [CKA_SENSITIVE]: yes },
      ...{ [CKA_EXTRACTABLE]: no, [CKA_SIGN]: yes },
      ...{ [CKA_DECRYPT]: no, [CKA_UNWRAP]: no },
    },
  });
  const point = cryptoki.attribute(session, object, CKA_EC_POINT);
  const bytes = point && ed25519Point(point);
  if (bytes) return bytes;
  throw new FarcallError('KEY_UNAVAILABLE', `the token does not show the public half of ${nameOf(key)}`);
}

interface WantedKey {
  readonly key: KeyInToken;
  readonly class: number;
}

/**
 * Threat: a token has two keys of one label, and the older one signs. So exactly one has to have the label
 * and the id that are named.
 */
function onlyKey(cryptoki: Cryptoki, session: Handle, { key, class: kind }: WantedKey): Handle {
  const template: Template = {
    [CKA_CLASS]: ulong(kind),
    ...namedAs(key),
  };
  const [only, another] = cryptoki.find(session, template);
  if (only !== undefined && another === undefined) return only;
  const what = kind === CKO_PUBLIC_KEY ? 'public key' : 'private key';
  throw new FarcallError(
    'KEY_UNAVAILABLE',
    another === undefined
      ? `the token '${key.token}' has no ${what} ${nameOf(key)}`
      : `the token '${key.token}' has several keys ${nameOf(key)}; name one by its id`,
  );
}

function namedAs({ object, id }: KeyInToken): Template {
  return {
    ...(object !== undefined && { [CKA_LABEL]: Buffer.from(object, 'utf8') }),
    ...(id !== undefined && { [CKA_ID]: Buffer.from(id, 'hex') }),
  };
}

function nameOf({ object, id }: KeyInToken): string {
  return [object === undefined ? '' : `'${object}'`, id === undefined ? '' : `with the id ${id}`]
    .filter(Boolean)
    .join(' ');
}

function ulong(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}
