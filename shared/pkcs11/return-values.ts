import { type ErrorCode, FarcallError } from '../errors/index.ts';

/** CKR_OK */
const OK = 0;
/** CKR_USER_ALREADY_LOGGED_IN: another session of this process has logged in. */
const ALREADY_LOGGED_IN = 0x100;

type Meaning = readonly [name: string, code: ErrorCode, text: string];

/** Return values of PKCS#11 2.40 (pkcs11t.h) about which a person can do something. */
const MEANINGS: Readonly<Record<number, Meaning>> = {
  48: ['CKR_DEVICE_ERROR', 'KEY_UNAVAILABLE', 'the device reports an error'],
  50: ['CKR_DEVICE_REMOVED', 'KEY_UNAVAILABLE', 'the device was removed'],
  80: ['CKR_FUNCTION_CANCELED', 'KEY_REFUSED', 'it was declined at the device'],
  84: ['CKR_FUNCTION_NOT_SUPPORTED', 'KEY_UNAVAILABLE', 'the token cannot do this'],
  99: ['CKR_KEY_TYPE_INCONSISTENT', 'KEY_UNAVAILABLE', 'the key is of another type'],
  104: ['CKR_KEY_FUNCTION_NOT_PERMITTED', 'KEY_REFUSED', 'the key may not be used to sign'],
  112: ['CKR_MECHANISM_INVALID', 'KEY_UNAVAILABLE', 'the token cannot sign by this algorithm'],
  160: ['CKR_PIN_INCORRECT', 'KEY_REFUSED', 'the PIN is wrong'],
  161: ['CKR_PIN_INVALID', 'KEY_REFUSED', 'the PIN has characters that the token does not take'],
  162: ['CKR_PIN_LEN_RANGE', 'KEY_REFUSED', 'the PIN is too long or too short for the token'],
  163: ['CKR_PIN_EXPIRED', 'KEY_REFUSED', 'the PIN has expired; set another one'],
  164: ['CKR_PIN_LOCKED', 'KEY_REFUSED', 'the token is locked, after too many wrong PINs'],
  224: ['CKR_TOKEN_NOT_PRESENT', 'KEY_UNAVAILABLE', 'the token is not there any more'],
  257: ['CKR_USER_NOT_LOGGED_IN', 'KEY_REFUSED', 'the token wants a PIN'],
  258: ['CKR_USER_PIN_NOT_INITIALIZED', 'KEY_REFUSED', 'the token has no PIN yet; set one'],
  512: ['CKR_FUNCTION_REJECTED', 'KEY_REFUSED', 'it was declined at the device'],
};

/**
 * Throws KEY_REFUSED or KEY_UNAVAILABLE, saying in words what the return value of `operation` means, unless
 * it means success.
 */
export function requireOk(value: number, operation: string): void {
  if (value === OK || (value === ALREADY_LOGGED_IN && operation === 'C_Login')) return;
  const [name, code, text]: Meaning = MEANINGS[value] ?? [
    `CKR 0x${value.toString(16)}`,
    'KEY_UNAVAILABLE',
    'the token failed',
  ];
  throw new FarcallError(code, `${text} (${operation}: ${name})`);
}
