import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseModuleCertificate } from '../../../shared/cms/index.ts';
import { FarcallError } from '../../../shared/errors/index.ts';
import { temporaryDirectory } from '../../agent/support/temporary-directory.ts';
import { makeModuleKey } from '../../kit/keys/module-key-kit.ts';

function valueOrError(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(FarcallError);
  }
}

describe('certificates', () => {
  test('bytes that are none, and a certificate with changed bytes, give a value or a FarcallError', () => {
    const { certificateFile } = makeModuleKey(temporaryDirectory(), 'fleet', 'p-256');
    const pem = readFileSync(certificateFile);
    const der = Buffer.from(pem.toString().replace(/-----.*-----/g, ''), 'base64');
    expect(parseModuleCertificate(der)).toMatchObject({ name: 'fleet', algorithm: 'ecdsa' });
    expect(parseModuleCertificate(der).keyId).toMatch(/^[0-9a-f]{40}$/);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes =>
        valueOrError(() => parseModuleCertificate(bytes)),
      ),
    );
    fc.assert(
      fc.property(fc.nat(der.length - 1), fc.nat(255), (at, value) => {
        const changed = Buffer.from(der);
        changed[at] = value;
        valueOrError(() => parseModuleCertificate(changed));
        valueOrError(() => parseModuleCertificate(der.subarray(0, at)));
      }),
      { numRuns: 500 },
    );
  });

  test('a huge file is not read as one', () => {
    expect(() => parseModuleCertificate(new Uint8Array(1 << 20))).toThrow(/over the limit/);
  });
});
