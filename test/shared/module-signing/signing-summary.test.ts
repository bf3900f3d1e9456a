import { expect, test } from 'vitest';
import {
  type ModuleFacts,
  signingSummaryText,
  summariseSigning,
} from '../../../shared/module-signing/index.ts';

const ANCHOR = { name: 'fleet-2026', keyId: '00aa' };

function host(enforces: boolean, keyIds?: readonly string[]): ModuleFacts {
  const keys = keyIds?.map(keyId => ({ name: keyId, keyId }));
  const signing = { kcoreReadable: true, buildId: '', keyrings: {} } as const;
  return {
    sigEnforce: enforces,
    lockdown: 'none',
    ...(keys && { signing: { ...signing, keys } }),
  };
}

test('hosts are counted by whether they can load what our certificate verifies', () => {
  const hosts = [
    ...Array.from({ length: 300 }, () => host(true, ['11', '00aa'])),
    ...Array.from({ length: 12 }, () => host(true, ['11'])),
    ...Array.from({ length: 50 }, () => host(false)),
  ];
  const summary = summariseSigning(hosts, ANCHOR);
  expect(summary).toEqual({
    anchor: 'fleet-2026',
    enforcing: 312,
    trusting: 300,
    distrusting: 12,
    silent: 0,
  });
  expect(signingSummaryText(summary)).toBe(
    '312 hosts enforce signatures: 300 trust fleet-2026, 12 trust no key of ours',
  );
});

test.each([
  [[host(false, ['00aa'])], ''],
  [[], ''],
  [[host(true)], '1 host enforces signatures: 1 do not report their keys'],
])('%#', (hosts, text) => {
  expect(signingSummaryText(summariseSigning(hosts, ANCHOR))).toBe(text);
});

test('without a certificate nobody trusts it', () => {
  const summary = summariseSigning([host(true, ['00aa'])], undefined);
  expect(signingSummaryText(summary)).toBe('1 host enforces signatures: this controller signs no modules');
});
