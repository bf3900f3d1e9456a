import type { GuestStep } from '../support/programs-in-guest.ts';
import { ownSh, sh } from './case.ts';

/** Where the number of the process is that a story has started. */
export const PID_FILE = '/tmp/farcall-story.pid';

/**
 * Starts a process that stays until {@link END}, and waits until the condition `isThere` says that it did
 * what it is there for, or it has ended. A guest may take long for that.
 */
export function inBackground(command: string, isThere: string): GuestStep {
  return sh(
    `${command} </dev/null >/dev/null 2>&1 & echo $! >${PID_FILE}; until ${isThere}; do [ -d /proc/$(cat ${PID_FILE}) ] || exit 1; sleep 0.2; done`,
  );
}

/** Ends that process. */
export const END = sh(`kill $(cat ${PID_FILE}); rm ${PID_FILE}`);

/** Where the file system is that {@link MOUNT} mounts. */
export const MOUNTED = '/tmp/farcall-story.fs';

/** A file system of a few MiB that can be frozen and forgets nothing that was asked of it. */
export const MOUNT = ownSh(
  `modprobe -a loop ext4; dd if=/dev/zero of=${MOUNTED}.image bs=1M count=4 2>/dev/null && busybox mke2fs -F ${MOUNTED}.image >/dev/null && mkdir -p ${MOUNTED} && busybox mount -t ext4 -o loop ${MOUNTED}.image ${MOUNTED}`,
);

/** Takes it away again. */
export const UNMOUNT = sh(`umount ${MOUNTED} && rm ${MOUNTED}.image`);
