import { describe, expect, it } from 'vitest';
import { orderSigner } from '../../../controller/signing/index.ts';
import { trustSource } from '../../../controller/trust/index.ts';
import { BUNDLE, KEYS, SITE } from '../../kit/cast.ts';
import { testClock } from '../../kit/controller-kit.ts';

describe('the signer of orders', () => {
  const wrong = [
    ['a key that the bundle does not list', 'ctl-1', KEYS.mallory],
    ["an operator's key", 'ctl-1', KEYS.bob],
    ['a name that the bundle does not list', 'ctl-2', KEYS['ctl-1']],
  ] as const;
  it.each(wrong)('the signer of orders signs nothing with %s', (_name, name, key) => {
    const trust = trustSource({ site: SITE, newest: () => BUNDLE, clock: testClock() });
    expect(() => orderSigner(name, key, trust, testClock()).check()).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(key.kid) }),
    );
  });
});
