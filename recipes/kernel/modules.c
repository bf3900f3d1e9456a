// Modules, who uses them and what taints them.
//
// effect: read
// when: You want to know which hosts have a module, or why one cannot be unloaded.
// does: A row for each module with its name, its references (-1 while it is being taken out), its state and
//   the bits of its taint.
// risk: None that is known.
// undo: Nothing was changed.
struct module *module;
for_each_module (module) report(module->name, module_refcount(module), module->state, module->taints);
