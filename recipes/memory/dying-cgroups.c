// Control groups that were removed and are still there.
//
// effect: read
// when: Memory of the kernel grows with every container or session that ends.
// does: A row with the groups that live and those that were removed and are kept, then a row for each of
//   those that a parent still lists: its path and its references.
// risk: References are counted by each CPU, so a number may be off by a few.
// undo: Nothing was changed. The recipe drop-page-cache often lets go of them.
report(cgrp_dfl_root.cgrp.nr_descendants, cgrp_dfl_root.cgrp.nr_dying_descendants);
struct cgroup_subsys_state *state;
css_for_each_descendant_pre (state, &cgrp_dfl_root.cgrp.self)
  if (state->flags & CSS_DYING) report(cgroup_text(state->cgroup), percpu_ref_read(&state->refcnt));
