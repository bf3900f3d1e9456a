#!/bin/busybox sh
# First process of a test machine: makes the host's files the guest's root and hands over to the command channel.
#
# The host's root comes over 9p, read-only, as the lower half of an overlay whose upper half is memory: the guest looks
# like the host and may write anywhere, and nothing that it writes reaches the host.

busybox=/bin/busybox
. /machine.conf

$busybox echo "farcall-machine: started"
$busybox mount -t proc proc /proc
for module in /modules/*; do
  $busybox insmod "$module" || $busybox echo "farcall-machine: insmod $module failed"
done

$busybox mount -t tmpfs -o size=50% memory /memory
$busybox mount -t 9p -o "ro,trans=virtio,version=9p2000.L,$host_options" host /host || exit 1
$busybox mkdir /memory/upper /memory/work
$busybox mount -t overlay -o lowerdir=/host,upperdir=/memory/upper,workdir=/memory/work root /root || exit 1

$busybox mkdir -p "/root/lib/modules/$release" /root/proc /root/sys /root/dev /root/run
$busybox mount --bind "/host$modules_directory" "/root/lib/modules/$release"
$busybox umount /proc
$busybox mount -t proc proc /root/proc
$busybox mount -t sysfs sysfs /root/sys
$busybox mount -t devtmpfs dev /root/dev
$busybox mkdir -p /root/dev/pts /root/dev/shm
$busybox mount -t devpts devpts /root/dev/pts
$busybox mount -t tmpfs shm /root/dev/shm
$busybox mount -t tmpfs run /root/run

$busybox ip link set lo up
$busybox ip address add 10.0.2.15/24 dev eth0
$busybox ip link set eth0 up
$busybox hostname "$hostname"

$busybox cp /channel.pl /root/run/farcall-channel.pl
exec $busybox switch_root -c /dev/console /root /usr/bin/perl /run/farcall-channel.pl
