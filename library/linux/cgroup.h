/* Control groups of version 2. */

/** The hierarchy of version 2. */
extern struct cgroup_root cgrp_dfl_root;

/** The group that a group is in, or null. */
static inline struct cgroup *cgroup_parent(const struct cgroup *group)
{
	struct cgroup_subsys_state *parent = group->self.parent;
	return parent ? container_of(parent, struct cgroup, self) : (struct cgroup *)0;
}

/** The name of a group. The root has an empty one. */
#define cgroup_name(group) ((group)->kn->name)

/** Whether a group is being ended. */
static inline bool cgroup_is_dead(const struct cgroup *group)
{
	return !(group->self.flags & CSS_ONLINE);
}

/** Runs once for each state of a controller right below another; dying ones are among them. */
#define css_for_each_child(state, parent) list_for_each_entry(state, &(parent)->children, sibling)

/** The state after `state` where parents come before their children, or null. */
static inline struct cgroup_subsys_state *css_next_descendant_pre(struct cgroup_subsys_state *state, struct cgroup_subsys_state *root)
{
	if (!state)
		return root;
	if (state->children.next != &state->children)
		return list_first_entry(&state->children, struct cgroup_subsys_state, sibling);
	while (state != root) {
		if (state->sibling.next != &state->parent->children)
			return list_next_entry(state, sibling);
		state = state->parent;
	}
	return 0;
}

/** Runs once for each state from `root` on, parents before their children. */
#define css_for_each_descendant_pre(state, root) \
	for ((state) = css_next_descendant_pre(0, root); (state); (state) = css_next_descendant_pre(state, root))
