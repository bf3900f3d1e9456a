// Network devices of all network namespaces.
//
// effect: read
// when: You look for a device that moved to a container, or one that nobody can delete.
// does: A row for each device: the inode of the namespace, the name, the index, the references, whether it
//   was switched on and whether it has a carrier.
// risk: References are counted by each CPU, so the sum may be off by a few.
// undo: Nothing was changed.
struct net *net;
struct net_device *device;
for_each_net (net)
  for_each_netdev (net, device)
    report(net_inum(net), device->name, device->ifindex, netdev_refcnt_read(device), netif_running(device),
           netif_carrier_ok(device));
