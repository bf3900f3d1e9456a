/* Namespaces of tasks. */

/** The network namespace of a task, or null where the task has ended. */
static inline struct net *task_net(const struct task_struct *task)
{
	return task->nsproxy ? task->nsproxy->net_ns : (struct net *)0;
}

/** The mount namespace of a task, or null where the task has ended. */
static inline struct mnt_namespace *task_mnt_ns(const struct task_struct *task)
{
	return task->nsproxy ? task->nsproxy->mnt_ns : (struct mnt_namespace *)0;
}

/** The inode number that /proc/PID/ns/net shows for a network namespace. */
#define net_inum(net) ((net)->ns.inum)

/** Takes a reference to a network namespace unless it has none; gives whether it was taken. */
static inline bool maybe_get_net(struct net *net)
{
#if __has_member(struct net, ns.count)
	return refcount_inc_not_zero(&net->ns.count);
#elif __has_member(struct net, ns.__ns_ref)
	return refcount_inc_not_zero(&net->ns.__ns_ref);
#else
	return refcount_inc_not_zero(&net->count);
#endif
}

/** Takes a reference to a network namespace. */
static inline struct net *get_net(struct net *net)
{
	require(maybe_get_net(net));
	return net;
}

/** Gives a reference to a network namespace back. */
static inline void put_net(struct net *net)
{
#if __has_member(struct net, ns.count)
	if (refcount_dec_and_test(&net->ns.count))
#elif __has_member(struct net, ns.__ns_ref)
	if (refcount_dec_and_test(&net->ns.__ns_ref))
#else
	if (refcount_dec_and_test(&net->count))
#endif
		__put_net(net);
}
