import { type ChildProcess, spawn } from 'node:child_process';
import { HOST_ADDRESS, type Relay } from './relays.ts';

/** File descriptor over which QEMU speaks the command channel. */
export const CHANNEL_FD = 3;

/**
 * Everything that QEMU can emulate but cmpxchg16b. Seen with QEMU 7.2: its translator calls the helper for that
 * instruction without storing the lazily computed flags first, so that an interrupt right behind it saves garbage as
 * RFLAGS and the return from it loads that. The kernel's allocator uses cmpxchg16b on every fast path: on a busy host
 * one boot in four ended in a random oops ("EFLAGS: 818ff6c2"), none without it.
 */
const EMULATED_CPU = 'max,cx16=off';

/** The virtual hardware of one machine. */
export interface Hardware {
  /** Paths of kernel and first file system. */
  vmlinuz: string;
  initramfs: string;
  memoryMib: number;
  cpus: number;
  relays: Relay[];
  /** Whether the guest sees the host's root over 9p, read-only. */
  hostRoot: boolean;
  /** Whether the guest's clock goes by instructions. */
  countInstructions?: boolean;
  /** Raw disk images that outlive the machine, as /dev/vda and so on. */
  disks: string[];
  /** More words for the kernel's command line. */
  append: string;
}

/**
 * Starts QEMU: serial console on stdout, command channel on `CHANNEL_FD`. The kernel kills it when the thread that
 * called this ends, so that no machine outlives the tests, however they end.
 */
export function startQemu(hardware: Hardware): ChildProcess {
  const args = ['--pdeathsig', 'KILL', 'qemu-system-x86_64', ...qemuArguments(hardware)];
  return spawn('setpriv', args, { stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
}

/**
 * QEMU's command line. Software emulation unless FARCALL_KVM is 1: /dev/kvm may exist and hang for ever, on machines
 * that are virtual themselves. A kernel that panics ends the machine (panic=-1 with -no-reboot).
 */
export function qemuArguments(hardware: Hardware, env: NodeJS.ProcessEnv = process.env): string[] {
  const { vmlinuz, initramfs, memoryMib, cpus, relays, hostRoot, disks, append } = hardware;
  const count = hardware.countInstructions === true;
  const kvm = env['FARCALL_KVM'] === '1' && !count;
  const emulation = count ? ['tcg,thread=single', '-icount', 'shift=2,sleep=on'] : ['tcg,thread=multi'];
  const kernelLine = `console=ttyS0 loglevel=5 panic=-1 ${append}`.trim();
  const hostFiles = [
    ...['-fsdev', 'local,id=host,path=/,security_model=none,readonly=on,multidevs=remap'],
    ...['-device', 'virtio-9p-pci,fsdev=host,mount_tag=host'],
  ];
  return [
    ...['-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none', '-serial', 'stdio'],
    ...['-accel', ...(kvm ? ['kvm'] : emulation), '-cpu', kvm ? 'host' : EMULATED_CPU],
    ...['-m', `${memoryMib}M`, '-smp', String(cpus)],
    ...['-kernel', vmlinuz, '-initrd', initramfs, '-append', kernelLine],
    ...['-chardev', `socket,id=channel,fd=${CHANNEL_FD}`, '-device', 'virtio-serial-pci'],
    ...['-device', 'virtserialport,chardev=channel,name=farcall'],
    ...(hostRoot ? hostFiles : []),
    ...disks.flatMap(diskDrive),
    ...['-netdev', userNetwork(relays), '-device', 'virtio-net-pci,netdev=net,romfile='],
  ];
}

/** What the guest has flushed is in the file when it answers; what it has not dies with it, as on real disks. */
function diskDrive(path: string): string[] {
  const file = path.replaceAll(',', ',,');
  return ['-drive', `file=${file},if=virtio,format=raw`];
}

/**
 * User-mode networking that refuses everything but the relays. Each guest connection gets a relay process of its own
 * (`cmd:`): the form `-tcp:127.0.0.1:PORT` is one stream that all connections would share.
 */
function userNetwork(relays: Relay[]): string {
  const rules = relays.map(({ guestPort, command }) => {
    return `guestfwd=tcp:${HOST_ADDRESS}:${guestPort}-cmd:${command.replaceAll(',', ',,')}`;
  });
  return ['user,id=net,restrict=on,ipv6=off', ...rules].join(',');
}
