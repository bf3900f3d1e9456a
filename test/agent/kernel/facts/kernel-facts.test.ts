import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { missingCapabilities, parseLockdown, parseTaint } from '../../../../agent/kernel/facts/index.ts';
import { readKernelFacts } from '../../../../agent/kernel/index.ts';
import { hostFolder, writeIn } from '../help/host-folder.ts';

const STATUS = 'Name:\tnode\nCapPrm:\t0000000000000000\nCapEff:\t000001ffffffffff\n';

test('every fact of the kernel is read, and read again', () => {
  const files = hostFolder({
    'proc/self/status': STATUS,
    'proc/sys/kernel/modules_disabled': '0\n',
    'proc/sys/kernel/tainted': '12288\n',
    'proc/sys/kernel/random/boot_id': '62453a31-1300-4c1b-9848-ccfbedef7f79\n',
    'sys/module/module/parameters/sig_enforce': 'N\n',
    'sys/kernel/security/lockdown': '[none] integrity confidentiality\n',
  });
  expect(readKernelFacts(files)).toMatchObject({
    modulesDisabled: false,
    sigEnforce: false,
    lockdown: 'none',
    taint: 12288,
    bootId: '62453a31-1300-4c1b-9848-ccfbedef7f79',
    missingCapabilities: [],
  });
  writeIn(files.root, 'sys/module/module/parameters/sig_enforce', 'Y\n');
  writeIn(files.root, 'sys/kernel/security/lockdown', 'none [integrity] confidentiality\n');
  writeIn(files.root, 'proc/sys/kernel/modules_disabled', '1\n');
  expect(readKernelFacts(files)).toMatchObject({
    modulesDisabled: true,
    sigEnforce: true,
    lockdown: 'integrity',
  });
});

test('a feature that the kernel was built without is off', () => {
  expect(readKernelFacts(hostFolder({ 'proc/self/status': STATUS }))).toMatchObject({
    modulesDisabled: false,
    sigEnforce: false,
    lockdown: '',
    taint: 0,
    bootId: '',
  });
});

describe('parts of the kernel facts', () => {
  test.each([
    ['none integrity [confidentiality]\n', 'confidentiality'],
    ['none integrity confidentiality', ''],
    ['[something]', ''],
  ])('the lockdown text %j gives its level', (text, level) => {
    expect(parseLockdown(text)).toBe(level);
  });

  test.each([
    ['0\n', 0],
    ['x', 0],
    ['-1', 0],
    ['99999999999999999999', 0],
  ])('the taint text %j gives no taint', (text, taint) => {
    expect(parseTaint(text)).toBe(taint);
  });

  test.each([
    ['CapEff:\t000001ffffffffff\n', []],
    ['CapEff:\t0000000000010000\n', ['CAP_SYS_RAWIO', 'CAP_SYSLOG']],
    ['CapEff:\t0000000400020000\n', ['CAP_SYS_MODULE']],
    ['', ['CAP_SYS_MODULE', 'CAP_SYS_RAWIO', 'CAP_SYSLOG']],
  ])('capabilities that are missing from %j are named', (status, missing) => {
    expect(missingCapabilities(status)).toEqual(missing);
  });

  test('parts of the kernel facts are values, whatever the text of the kernel is', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        expect(Number.isSafeInteger(parseTaint(text))).toBe(true);
        parseLockdown(text);
        missingCapabilities(text);
      }),
    );
  });
});
