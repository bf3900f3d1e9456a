import { describe, expect, it } from 'vitest';
import { checkApiAddress } from '../../../controller/rpc/index.ts';

describe('an address without TLS', () => {
  it.each(['127.0.0.1:7440', '127.1.2.3:1', 'localhost:0', '[::1]:7440', 'unix:/run/farcall.sock'])(
    'an address without TLS may be %s',
    address => {
      expect(() => checkApiAddress('listen', address, false)).not.toThrow();
    },
  );

  it.each([
    '0.0.0.0:7440',
    '10.0.0.1:7440',
    '[::]:7440',
    '*:7440',
    ':7440',
    '7440',
    'example.org:7440',
    'localhost.example.org:7440',
    '127.0.0.1.example.org:7440',
    '127.0.0.1',
    'unix:relative.sock',
    'dns:127.0.0.1:7440',
    '127.0.0.1:7440,10.0.0.1:7440',
    '',
  ])("an address without TLS may not be '%s'", address => {
    expect(() => checkApiAddress('listen', address, false)).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: expect.stringMatching(/not on loopback|is not host:port/),
      }),
    );
  });
});

describe('an address with TLS', () => {
  it.each(['0.0.0.0:7440', '[::]:7440', 'example.org:7440', '127.0.0.1:7440', 'unix:/run/farcall.sock'])(
    'an address with TLS may be %s',
    address => {
      expect(() => checkApiAddress('listen', address, true)).not.toThrow();
    },
  );

  it.each(['*:7440', ':7440', '7440', 'unix:relative.sock', 'dns:a:1', '127.0.0.1:1,10.0.0.1:2', ''])(
    "an address with TLS may not be '%s'",
    address => {
      expect(() => checkApiAddress('listen', address, true)).toThrow(/is not host:port/);
    },
  );
});
