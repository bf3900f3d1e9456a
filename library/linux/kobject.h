/* Things that sysfs shows. */

/** The name of a thing in sysfs. */
#define kobject_name(object) ((object)->name)

/** The name of a device. */
static inline const char *dev_name(const struct device *device)
{
	return device->init_name ? device->init_name : device->kobj.name;
}

/** The memory node of a device, or -1. */
static inline int dev_to_node(const struct device *device)
{
	return device->numa_node;
}

/** Runs once for each thing of a set. */
#define for_each_kobject(object, set) list_for_each_entry(object, &(set)->list, entry)
