import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NameEncoder } from '../../../../agent/kernel/kallsyms/name-encoder.ts';
import { parseTokenIndex, parseTokenTable } from '../../../../agent/kernel/kallsyms/token-table.ts';
import { compressNames } from '../help/compress-names.ts';

const name = fc.stringMatching(/^[Tt](?:__|get|put|ab|a|b|aa|_)[a-c_]{0,12}$/);

test('names are compressed exactly as the kernel build did, whatever the names', () => {
  fc.assert(
    fc.property(fc.array(name, { minLength: 1, maxLength: 60 }), texts => {
      const table = compressNames(texts);
      const encoder = new NameEncoder(parseTokenTable(table.tokenTable, parseTokenIndex(table.tokenIndex)));
      let at = 0;
      for (const text of texts) {
        const codes = [...table.names.subarray(at + 1, at + 1 + table.names[at]!)];
        expect(encoder.encode(Buffer.from(text))).toEqual(codes);
        const { alone, freeTypes, joined } = encoder.spellings(Buffer.from(text.slice(1)));
        expect([...freeTypes.map(type => [type, ...alone]), ...joined]).toContainEqual(codes);
        at += 1 + codes.length;
      }
    }),
  );
});

test('a name with a piece that no pair makes is not decoded', () => {
  const tokens = Array.from({ length: 256 }, (_, code) => Uint8Array.of(code));
  tokens[255] = Buffer.from('abc');
  expect(() => new NameEncoder(tokens)).toThrow(expect.objectContaining({ code: 'KALLSYMS_INVALID' }));
});
