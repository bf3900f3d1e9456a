/* Network namespaces and network devices. */

/** All network namespaces. */
extern struct list_head net_namespace_list;

/** The network namespace of the first process. */
extern struct net init_net;

/** Runs once for each network namespace. */
#define for_each_net(net) list_for_each_entry(net, &net_namespace_list, list)

/** The references to a network namespace. */
static inline unsigned int net_count(const struct net *net)
{
#if __has_member(struct net, ns.count)
	return net->ns.count.refs.counter;
#elif __has_member(struct net, ns.__ns_ref)
	return net->ns.__ns_ref.refs.counter;
#else
	return net->count.refs.counter;
#endif
}

/** Runs once for each device of a network namespace. */
#define for_each_netdev(net, device) list_for_each_entry(device, &(net)->dev_base_head, dev_list)

/** The device with a name. Where there is none, the program ends as skipped. */
static inline struct net_device *find_netdev(const struct net *net, const char *name)
{
	struct net_device *device;
	for_each_netdev(net, device)
		if (strcmp(device->name, name) == 0)
			return device;
	require(0);
	return 0;
}

/** Whether a device was switched on. */
static inline bool netif_running(const struct net_device *device)
{
	return device->state & 1;
}

/** Whether a device has a carrier. */
static inline bool netif_carrier_ok(const struct net_device *device)
{
	return !(device->state & 4);
}

/** The references to a device. */
static inline int netdev_refcnt_read(const struct net_device *device)
{
#if __has_member(struct net_device, pcpu_refcnt)
	int count = 0;
	unsigned int cpu;
	for_each_possible_cpu(cpu)
		count += *per_cpu_ptr(device->pcpu_refcnt, cpu);
	return count;
#else
	return device->dev_refcnt.refs.counter;
#endif
}

/** The memory of the driver of a device. */
static inline void *netdev_priv(const struct net_device *device)
{
#if __has_member(struct net_device, priv)
	return (void *)device->priv;
#else
	return (char *)device + ALIGN(sizeof(struct net_device), 32);
#endif
}

/** Counts a reference to a device up or down: each CPU has a count of its own, which no other one may write. */
static inline void netdev_count(struct net_device *device, int by)
{
#if __has_member(struct net_device, pcpu_refcnt)
	guard(preempt)();
	__atomic_fetch_add(per_cpu_ptr(device->pcpu_refcnt, smp_processor_id()), by);
#else
	__atomic_fetch_add(&device->dev_refcnt.refs.counter, by);
#endif
}

/** Takes a reference to a device that has one, or passes null on. */
#define dev_hold(device) ({ struct net_device *__held = (device); if (__held) netdev_count(__held, 1); })

/** Gives a reference to a device back. */
#define dev_put(device) ({ struct net_device *__held = (device); if (__held) netdev_count(__held, -1); })
