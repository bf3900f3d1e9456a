import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseBuildId, parseKeys, readKernelSigning } from '../../../../agent/kernel/facts/index.ts';
import { hostFolder } from '../help/host-folder.ts';

/** As a Debian kernel shows it, with a certificate of ours in the UEFI db. */
const KEYS = `\
01234567 I------     1 perm 1f0b0000     0     0 keyring   .builtin_trusted_keys: 1
0a3c1de4 I------     1 perm 1f030000     0     0 asymmetri Debian Secure Boot CA: 6ccece7e4c6c0d1f6149f3dd27dfcc5cbb419ea1: X509.rsa bb419ea1 []
12ab34cd I------     1 perm 1f0f0000     0     0 keyring   .secondary_trusted_keys: 1
2bcdef01 I------     1 perm 1f0f0000     0     0 keyring   .platform: 1
2bcdef02 I------     1 perm 1f0f0000     0     0 keyring   .machine: empty
2bcdef03 I------     1 perm 1f0f0000     0     0 keyring   .blacklist: 77
3a3c1de4 I------     1 perm 1f030000     0     0 asymmetri farcall: fleet-2026: 00aa11: X509.rsa 2600aa11 []
3b3c1de4 I--Q---     4 perm 1f3f0000     0 65534 keyring   _uid.0: empty
`;

/** One ELF note. */
function note(name: string, type: number, desc: string): Buffer {
  const [nameBytes, descBytes] = [Buffer.from(`${name}\0`), Buffer.from(desc, 'hex')];
  const head = Buffer.alloc(12);
  head.writeUInt32LE(nameBytes.length, 0);
  head.writeUInt32LE(descBytes.length, 4);
  head.writeUInt32LE(type, 8);
  const pad = (bytes: Buffer): Buffer => Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
  return Buffer.concat([head, pad(nameBytes), pad(descBytes)]);
}

test('keys, keyrings, build id and whether memory is open are read', () => {
  const files = hostFolder({
    'proc/keys': KEYS,
    'proc/kcore': 'ELF',
    'sys/kernel/notes': Buffer.concat([note('Linux', 0x100, '00'), note('GNU', 3, '0badc0de')]),
  });
  expect(readKernelSigning(files)).toEqual({
    kcoreReadable: true,
    buildId: '0badc0de',
    keyrings: {
      '.builtin_trusted_keys': 1,
      '.secondary_trusted_keys': 1,
      '.platform': 1,
      '.machine': 0,
    },
    keys: [
      { name: 'Debian Secure Boot CA', keyId: '6ccece7e4c6c0d1f6149f3dd27dfcc5cbb419ea1' },
      { name: 'farcall: fleet-2026', keyId: '00aa11' },
    ],
  });
});

test('a host that has none of these files says so', () => {
  expect(readKernelSigning(hostFolder({}))).toEqual({
    kcoreReadable: false,
    buildId: '',
    keyrings: {},
    keys: [],
  });
});

test('a certificate with a subject that acts on terminals, and very many keys, do no harm', () => {
  const line = (id: string): string =>
    `0a3c1de4 I------     1 perm 1f030000     0     0 asymmetri evil\u001b[2J: ${id}: X509.rsa bb419ea1 []\n`;
  const many = Array.from({ length: 5000 }, (_, index) => line(index.toString(16).padStart(8, '0')));
  const { keys } = parseKeys(many.join(''));
  expect(keys).toHaveLength(128);
  expect(keys[0]?.name).toBe('evil.[2J');
});

test('any text and any notes give a value, quickly', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), text => {
      expect(parseKeys(text).keys.length).toBeLessThanOrEqual(128);
    }),
  );
  const pieces = fc.constantFrom(
    '01234567 I------',
    ' 1 perm ',
    '1f030000',
    ' 0 ',
    'asymmetri ',
    ': ',
    'ab',
    'X509.',
  );
  fc.assert(fc.property(fc.array(pieces, { maxLength: 40 }), parts => void parseKeys(parts.join(''))));
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
      expect(parseBuildId(Buffer.from(bytes))).toMatch(/^([0-9a-f]{2})*$/);
    }),
  );
});
