import { expect, it } from 'vitest';
import { type ErrorCode, FarcallError, isLasting } from '../../../shared/errors/index.ts';

it.each([
  ['KERNEL_LACKS', true],
  ['JOURNAL_DAMAGED', true],
  ['CONFIG_INVALID', true],
  ['CONFLICT', true],
  ['STORE_FAILED', true],
  ['STORE_FULL', false],
  ['UNREACHABLE', false],
  ['JOURNAL_FAILED', false],
  ['INTERNAL', false],
] as const satisfies readonly (readonly [ErrorCode, boolean])[])(
  'a program that cannot start because of %s needs a person first: %s',
  (code, lasting) => {
    expect(isLasting(new FarcallError(code, 'x'))).toBe(lasting);
  },
);
