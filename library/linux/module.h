/* Modules that are loaded. */

/** All modules. */
extern struct list_head modules;

/** Runs once for each module. Modules that are being loaded are among them. */
#define for_each_module(module) list_for_each_entry(module, &modules, list)

/** The module with a name. Where there is none, the program ends as skipped. */
static inline struct module *find_module(const char *name)
{
	struct module *module;
	for_each_module(module)
		if (strcmp(module->name, name) == 0)
			return module;
	require(0);
	return 0;
}

/** The number of references to a module; -1 while it is being taken out. */
static inline int module_refcount(const struct module *module)
{
	return module->refcnt.counter - 1;
}

/** Refused: a program names functions and variables, and farcall finds them. */
#define symbol_get(name) ({ _Static_assert(0, "write the name; farcall finds it, in modules as name@module"); })
