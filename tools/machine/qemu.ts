import { type ChildProcess, spawn } from 'node:child_process';
import type { DebianArch } from './archive.ts';
import { HOST_ADDRESS, type Relay } from './relays.ts';
import { OVMF } from './uefi-variables.ts';

/** File descriptor over which QEMU speaks the command channel. */
export const CHANNEL_FD = 3;

/** File descriptor of QEMU's own monitor. */
export const MONITOR_FD = 4;

/**
 * Everything that QEMU can emulate but cmpxchg16b. Seen with QEMU 7.2: its translator calls the helper for
 * that instruction without storing the lazily computed flags first, so that an interrupt right behind it
 * saves garbage as RFLAGS and the return from it loads that. The kernel's allocator uses cmpxchg16b on every
 * fast path: on a busy host one boot in four ended in a random oops ("EFLAGS: 818ff6c2"), none without it.
 */
const EMULATED_AMD64 = 'max,cx16=off';

/**
 * Everything, with pointer authentication by a hash that is quick to emulate instead of the architecture's
 * own.
 */
const EMULATED_ARM64 = 'max,pauth-impdef=on';

/** Settings that differ between the machines that QEMU emulates. */
const MACHINES = {
  amd64: { program: 'qemu-system-x86_64', machine: [], cpu: EMULATED_AMD64, console: 'ttyS0' },
  arm64: { program: 'qemu-system-aarch64', machine: ['-M', 'virt'], cpu: EMULATED_ARM64, console: 'ttyAMA0' },
} as const;

/** The virtual hardware of one machine. */
export interface Hardware {
  arch: DebianArch;
  /** Paths of kernel and first file system. */
  vmlinuz: string;
  initramfs: string;
  memoryMib: number;
  cpus: number;
  relays: Relay[];
  /** Directories of the host that the guest sees over 9p, read-only, by their mount tags. */
  shares: Readonly<Record<string, string>>;
  /** Whether the guest's clock goes by instructions. */
  countInstructions?: boolean;
  /** Raw disk images that outlive the machine, as /dev/vda and so on. */
  disks: string[];
  /** More words for the kernel's command line. */
  append: string;
  /** The store of variables of UEFI firmware, which starts the kernel then. */
  uefiVariables?: string | undefined;
}

/**
 * Starts QEMU: serial console on stdout, command channel on `CHANNEL_FD`, monitor on `MONITOR_FD`. The kernel
 * kills it when the thread that called this ends, so that no machine outlives the tests, however they end.
 */
export function startQemu(hardware: Hardware): ChildProcess {
  const args = ['--pdeathsig', 'KILL', MACHINES[hardware.arch].program, ...qemuArguments(hardware)];
  return spawn('setpriv', args, { stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'] });
}

/**
 * How a CPU is emulated. Several share one thread: before QEMU 8.1 a thread of its own translates code while
 * another one changes it, and then the old code goes on. A kernel that patches a function under load, as
 * each probe makes it do, runs into a breakpoint there that it has taken out long ago, and panics.
 */
function emulation({ cpus, countInstructions }: Hardware): string[] {
  if (countInstructions) return ['tcg,thread=single', '-icount', 'shift=2,sleep=on'];
  return [cpus > 1 ? 'tcg,thread=single' : 'tcg,thread=multi'];
}

/**
 * QEMU's command line. Software emulation unless FARCALL_KVM is 1: /dev/kvm may exist and hang indefinitely,
 * on machines that are virtual themselves. A kernel that panics ends the machine (panic=-1 with -no-reboot).
 */
export function qemuArguments(hardware: Hardware, env: NodeJS.ProcessEnv = process.env): string[] {
  const { machine, cpu, console } = MACHINES[hardware.arch];
  const { vmlinuz, initramfs, memoryMib, cpus, relays, shares, disks, append } = hardware;
  const kvm = env['FARCALL_KVM'] === '1' && hardware.countInstructions !== true;
  const kernelLine = `console=${console} loglevel=5 panic=-1 ${append}`.trim();
  const hostFiles = Object.entries(shares).flatMap(([tag, path]) => [
    ...['-fsdev', `local,id=${tag},path=${path},security_model=none,readonly=on,multidevs=remap`],
    ...['-device', `virtio-9p-pci,fsdev=${tag},mount_tag=${tag}`],
  ]);
  return [
    ...['-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none', '-serial', 'stdio'],
    ...machine,
    ...(hardware.uefiVariables === undefined ? [] : firmware(hardware.uefiVariables)),
    ...['-accel', ...(kvm ? ['kvm'] : emulation(hardware)), '-cpu', kvm ? 'host' : cpu],
    ...['-m', `${memoryMib}M`, '-smp', String(cpus)],
    ...['-kernel', vmlinuz, '-initrd', initramfs, '-append', kernelLine],
    ...['-chardev', `socket,id=channel,fd=${CHANNEL_FD}`, '-device', 'virtio-serial-pci'],
    ...['-device', 'virtserialport,chardev=channel,name=farcall'],
    ...['-chardev', `socket,id=monitor,fd=${MONITOR_FD}`, '-mon', 'chardev=monitor,mode=control'],
    ...hostFiles,
    ...disks.flatMap(diskDrive),
    ...['-netdev', userNetwork(relays), '-device', 'virtio-net-pci,netdev=net,romfile='],
  ];
}

/** OVMF wants the chipset of 2007, with flash memory for its code and for what it remembers. */
function firmware(variables: string): string[] {
  const flash = (unit: number, file: string, options = ''): string[] => [
    '-drive',
    `if=pflash,format=raw,unit=${unit},${options}file=${file.replaceAll(',', ',,')}`,
  ];
  return ['-machine', 'q35', ...flash(0, OVMF.code, 'readonly=on,'), ...flash(1, variables)];
}

/**
 * What the guest has flushed is in the file when it answers; what it has not dies with it, as on real disks.
 */
function diskDrive(path: string): string[] {
  const file = path.replaceAll(',', ',,');
  return ['-drive', `file=${file},if=virtio,format=raw`];
}

/**
 * User-mode networking that refuses everything but the relays. Each guest connection gets a relay process of
 * its own (`cmd:`): the form `-tcp:127.0.0.1:PORT` is one stream that all connections would share.
 */
function userNetwork(relays: Relay[]): string {
  const rules = relays.map(({ guestPort, command }) => {
    return `guestfwd=tcp:${HOST_ADDRESS}:${guestPort}-cmd:${command.replaceAll(',', ',,')}`;
  });
  return ['user,id=net,restrict=on,ipv6=off', ...rules].join(',');
}
