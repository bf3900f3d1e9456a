// Gives AF_ALG back that socket-family-off took away.
//
// effect: call
// when: The hole is closed, or somebody needs AF_ALG.
// does: Registers the family of the module af_alg, and gives 0; -17 (EEXIST) where it is there already. Where
//   the module is not loaded, the outcome is skipped.
// risk: The hole is open again.
// undo: The recipe socket-family-off.
#if __has_symbol(alg_family@af_alg)
extern const struct net_proto_family alg_family@af_alg;
sock_register(&alg_family)
#else
require(0);
#endif
