import { expect, test } from 'vitest';
import { ownModules, residentModules } from '../../../agent/kernel/index.ts';
import { moduleNameOf } from '../../../shared/module-signing/index.ts';
import { hostFolder } from './help/host-folder.ts';

test('modules of farcall are told from all others by the names that it gives them, and those that stay by their state', () => {
  const own = moduleNameOf({ requestDigest: new Uint8Array(32).fill(0xab), attempt: 12 });
  const files = hostFolder({
    'proc/modules': [
      'nfsd 815104 13 auth_rpcgss,lockd, Live 0xffffffffc0201000 (E)',
      `${own} 16384 1 - Loading 0xffffffffc0a05000 (OE+)`,
      'farcall_call_4711 16384 0 - Live 0xffffffffc0a07000 (OE)',
      'farcall_helper 16384 0 - Live 0xffffffffc0a09000 (OE)',
      `other 16384 1 ${own}, Live 0xffffffffc0a0b000`,
    ].join('\n'),
  });
  expect(ownModules(files)).toEqual([own]);
  expect(residentModules(files)).toEqual(['farcall_call_4711']);
});

test('a kernel without modules has none of farcall', () => {
  expect(ownModules(hostFolder({ 'proc/version': 'x' }))).toEqual([]);
});
