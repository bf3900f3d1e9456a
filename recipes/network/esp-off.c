// Takes ESP away where nobody uses IPsec.
//
// effect: call
// when: ESP has a hole, and esp4 or esp6 is loaded on hosts without IPsec.
// does: Unregisters ESP of IPv4 and of IPv6 if no network namespace has a state of IPsec, and gives how many of
//   the two it took away. Where a namespace has a state, or neither is there, the outcome is skipped.
// risk: No state of IPsec can be made afterwards. When the module is unloaded later, the kernel logs a warning.
// undo: The recipe esp-on.
int taken = 0;
struct net *net;
for_each_net (net) require(net->xfrm.state_num == 0);
#if __has_symbol(esp_type@esp4) || __has_symbol(esp6_type@esp6)
extern struct xfrm_state_afinfo *xfrm_state_afinfo[11];
#endif
#if __has_symbol(esp_type@esp4)
if (xfrm_state_afinfo[2]->type_esp) {
  xfrm_unregister_type((const struct xfrm_type *)&esp_type@esp4, 2);
  taken++;
}
#endif
#if __has_symbol(esp6_type@esp6)
if (xfrm_state_afinfo[10]->type_esp) {
  xfrm_unregister_type((const struct xfrm_type *)&esp6_type@esp6, 10);
  taken++;
}
#endif
require(taken);
taken
