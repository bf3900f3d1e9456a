import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FarcallError } from '../../../shared/errors/index.ts';
import { parsePkcs11Uri } from '../../../shared/pkcs11/index.ts';

function valueOrError(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(FarcallError);
  }
}

describe('pkcs11: URIs', () => {
  test('any path makes a pkcs11: URI that is read back as it was', () => {
    const uri = 'pkcs11:token=my%20fleet;object=key;id=%01%a2?module-path=/lib/x.so&pin-source=file:/etc/pin';
    expect(parsePkcs11Uri(uri)).toEqual({
      modulePath: '/lib/x.so',
      token: 'my fleet',
      object: 'key',
      id: '01a2',
      pinFile: '/etc/pin',
    });
  });

  test.each([
    'pkcs11:object=key?module-path=/lib/x.so',
    'pkcs11:token=a?module-path=/lib/x.so',
    'pkcs11:token=a;object=b',
    'pkcs11:token=a;object=b?module-path=x.so',
    'pkcs11:token=a;token=b;object=b?module-path=/x.so',
    'pkcs11:token=a;object=b?module-path=/x.so&pin-source=pin',
  ])('%s is refused', uri => {
    expect(() => parsePkcs11Uri(uri)).toThrow(FarcallError);
  });

  test('a PIN in the URI is refused, and the message does not repeat it', () => {
    for (const uri of [
      'pkcs11:token=a;object=b?module-path=/x.so&pin-value=4711',
      'pkcs11:wrong=1;token=a?pin-value=4711',
    ]) {
      expect(() => parsePkcs11Uri(uri)).toThrow(/may not contain the PIN/);
      expect(() => parsePkcs11Uri(uri)).not.toThrow(/4711/);
    }
  });

  test('any text gives a value or a FarcallError', () => {
    fc.assert(fc.property(fc.string(), text => valueOrError(() => parsePkcs11Uri(`pkcs11:${text}`))));
  });
});
