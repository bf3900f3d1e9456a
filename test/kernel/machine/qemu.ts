import { type ChildProcess, spawn } from 'node:child_process';

/** A port of the host's loopback that the guest reaches as `HOST_ADDRESS`:guestPort, and nothing else of the host. */
export interface Forward {
  guestPort: number;
  hostPort: number;
}

/** The address under which a guest reaches forwarded ports of the host. */
export const HOST_ADDRESS = '10.0.2.100';

/** File descriptor over which QEMU speaks the command channel. */
export const CHANNEL_FD = 3;

/** The virtual hardware of one machine. */
export interface Hardware {
  vmlinuz: string;
  initramfs: string;
  memoryMib: number;
  cpus: number;
  forwards: Forward[];
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
  const { vmlinuz, initramfs, memoryMib, cpus, forwards, append } = hardware;
  const kvm = env['FARCALL_KVM'] === '1';
  const kernelLine = `console=ttyS0 loglevel=5 panic=-1 ${append}`.trim();
  return [
    ...['-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none', '-serial', 'stdio'],
    ...['-accel', kvm ? 'kvm' : 'tcg,thread=multi', '-cpu', kvm ? 'host' : 'max'],
    ...['-m', `${memoryMib}M`, '-smp', String(cpus)],
    ...['-kernel', vmlinuz, '-initrd', initramfs, '-append', kernelLine],
    ...['-chardev', `socket,id=channel,fd=${CHANNEL_FD}`, '-device', 'virtio-serial-pci'],
    ...['-device', 'virtserialport,chardev=channel,name=farcall'],
    ...['-fsdev', 'local,id=host,path=/,security_model=none,readonly=on,multidevs=remap'],
    ...['-device', 'virtio-9p-pci,fsdev=host,mount_tag=host'],
    ...['-netdev', userNetwork(forwards), '-device', 'virtio-net-pci,netdev=net,romfile='],
  ];
}

/**
 * User-mode networking that refuses everything but the forwards. Each guest connection gets a relay process of its
 * own (`cmd:`): the form `-tcp:127.0.0.1:PORT` is one stream that all connections would share.
 */
function userNetwork(forwards: Forward[]): string {
  const rules = forwards.map(
    ({ guestPort, hostPort }) =>
      `guestfwd=tcp:${HOST_ADDRESS}:${guestPort}-cmd:busybox nc 127.0.0.1 ${hostPort}`,
  );
  return ['user,id=net,restrict=on,ipv6=off', ...rules].join(',');
}
