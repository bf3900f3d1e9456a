// Takes a family of sockets away.
//
// effect: call
// when: A family that nobody needs has a hole: AF_ALG is 38, AF_RXRPC 33, AF_TIPC 30, AF_VSOCK 40.
// does: No new socket of the family can be made. Where the kernel does not have the family now, the outcome
//   is skipped: its module is not loaded, and may be loaded a second later.
// risk: Sockets that are open stay, see socket-family-users. When the module is unloaded later, it takes the
//   family away a second time, which does no harm.
// undo: Unload the module and load it again; for AF_ALG there is the recipe af-alg-on.
// parameter FAMILY: 3..45, the number of the family
parameter int FAMILY in 3..45 = 38;
#if __has_symbol(net_families)
extern const struct net_proto_family *net_families[46];
require(net_families[FAMILY]);
sock_unregister(FAMILY);
require(!net_families[FAMILY]);
#else
require(0);
#endif
