import { expect, test } from 'vitest';
import { qemuArguments } from '../../../tools/machine/qemu.ts';

const hardware = {
  arch: 'amd64' as const,
  vmlinuz: '/k',
  initramfs: '/i',
  memoryMib: 512,
  cpus: 1,
  relays: [{ guestPort: 4222, command: 'relay a,b' }],
  disks: [],
  shares: {},
  append: 'nokaslr',
};

/** What follows `option` on the command line. */
function optionValue(option: string, env: NodeJS.ProcessEnv = {}): string | undefined {
  const args = qemuArguments(hardware, env);
  return args[args.indexOf(option) + 1];
}

test('a machine is emulated, without the instruction that QEMU 7.2 gets wrong', () => {
  expect([optionValue('-accel'), optionValue('-cpu')]).toEqual(['tcg,thread=multi', 'max,cx16=off']);
});

test('two CPUs of a machine share a thread, because QEMU 7.2 may run code that the other one has replaced', () => {
  const args = qemuArguments({ ...hardware, cpus: 2 }, {});
  expect(args[args.indexOf('-accel') + 1]).toBe('tcg,thread=single');
});

test("an arm64 machine is QEMU's own, with its console", () => {
  const args = qemuArguments({ ...hardware, arch: 'arm64' }, {});
  expect(args.slice(args.indexOf('-M'), args.indexOf('-M') + 2)).toEqual(['-M', 'virt']);
  expect(args[args.indexOf('-append') + 1]).toMatch(/^console=ttyAMA0 /);
});

test('KVM is used only when asked for', () => {
  expect(optionValue('-accel', { FARCALL_KVM: '1' })).toBe('kvm');
  expect(optionValue('-accel', { FARCALL_KVM: '0' })).toBe('tcg,thread=multi');
});

test('a panic ends the machine', () => {
  expect(optionValue('-append')).toBe('console=ttyS0 loglevel=5 panic=-1 nokaslr');
  expect(qemuArguments(hardware)).toContain('-no-reboot');
});

test('the network gives nothing but the relays', () => {
  const network = optionValue('-netdev');
  expect(network).toBe('user,id=net,restrict=on,ipv6=off,guestfwd=tcp:10.0.2.100:4222-cmd:relay a,,b');
});
