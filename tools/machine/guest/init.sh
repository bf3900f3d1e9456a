#!/bin/busybox sh
# First process of a test machine: gives the guest its root and hands over to the command channel.
#
# The host's root comes over 9p, read-only, as the lower half of an overlay whose upper half is memory: the guest looks
# like the host and may write anywhere, and nothing that it writes reaches the host. A kernel without 9p stays in its
# first file system, which then holds copies of what it needs. A guest with another CPU than the host's has a third layer
# between the two, with programs for its own.

busybox=/bin/busybox
. /machine.conf

$busybox echo "farcall-machine: started"
for module in /modules/*; do
  $busybox insmod "$module" || $busybox echo "farcall-machine: insmod $module failed"
done

mount_host_root() {
  $busybox mount -t tmpfs -o size=50% memory /memory
  $busybox mkdir /memory/upper /memory/work
  layers=/host
  $busybox mount -t 9p -o "$host_root_options" host /host || exit 1
  if [ -n "$programs_node" ]; then
    $busybox mount -t 9p -o "$host_root_options" programs /programs || exit 1
    layers=/programs:/host
  fi
  $busybox mount -t overlay -o "lowerdir=$layers,upperdir=/memory/upper,workdir=/memory/work" root /root || exit 1
  [ -z "$programs_node" ] || $busybox mount --bind "/host$programs_node" "/root$node"
  $busybox mkdir -p "/root/lib/modules/$release" /root/proc /root/sys /root/dev /root/run
  $busybox mount --bind "/host$modules_directory" "/root/lib/modules/$release"
}

mount_kernel_files() {
  $busybox mount -t proc proc "$1/proc"
  $busybox mount -t sysfs sysfs "$1/sys"
  $busybox mount -t devtmpfs dev "$1/dev"
  $busybox mkdir -p "$1/dev/pts" "$1/dev/shm"
  $busybox mount -t devpts devpts "$1/dev/pts"
  $busybox mount -t tmpfs shm "$1/dev/shm"
  $busybox mount -t tmpfs run "$1/run"
}

$busybox hostname "$hostname"
$busybox ip link set lo up
$busybox ip address add 10.0.2.15/24 dev eth0
$busybox ip link set eth0 up

if [ -n "$host_root_options" ]; then
  mount_host_root
  mount_kernel_files /root
  $busybox cp /channel.pl /root/run/farcall-channel.pl
  exec $busybox switch_root -c /dev/console /root /usr/bin/perl /run/farcall-channel.pl
fi
mount_kernel_files ""
$busybox --install -s /bin
exec /usr/bin/perl /channel.pl
