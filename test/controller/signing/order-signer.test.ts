import { describe, expect, it } from 'vitest';
import { orderSigner } from '../../../controller/signing/index.ts';
import { BUNDLE, KEYS, testClock } from '../../kit/controller-kit.ts';

describe('the signer of orders', () => {
  const wrong = [
    ['a key that the bundle does not list', 'ctl', KEYS.mallory],
    ["an operator's key", 'ctl', KEYS.bob],
    ['a name that the bundle does not list', 'ctl-2', KEYS.ctl],
  ] as const;
  it.each(wrong)('is not made with %s', (_name, name, key) => {
    expect(() => orderSigner(name, key, BUNDLE, testClock())).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(key.kid) }),
    );
  });
});
