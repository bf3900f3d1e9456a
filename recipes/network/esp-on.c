// Gives ESP back that esp-off took away.
//
// effect: call
// when: The hole is closed, or somebody needs IPsec.
// does: Registers ESP of the modules that are loaded, esp4 and esp6, and gives how many of the two it gave back.
//   Where nothing was taken away, the outcome is skipped.
// risk: The hole is open again.
// undo: The recipe esp-off.
int given = 0;
#if __has_symbol(esp_type@esp4) || __has_symbol(esp6_type@esp6)
extern struct xfrm_state_afinfo *xfrm_state_afinfo[11];
#endif
#if __has_symbol(esp_type@esp4)
if (!xfrm_state_afinfo[2]->type_esp && xfrm_register_type((const struct xfrm_type *)&esp_type@esp4, 2) == 0) given++;
#endif
#if __has_symbol(esp6_type@esp6)
if (!xfrm_state_afinfo[10]->type_esp && xfrm_register_type((const struct xfrm_type *)&esp6_type@esp6, 10) == 0) given++;
#endif
require(given);
given
