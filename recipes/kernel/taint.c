// Why a kernel is tainted, and which modules did that.
//
// effect: read
// when: You report a bug to a distribution, or look for hosts with foreign modules.
// does: A row with the bits of the kernel's taint, then a row for each module with bits of its own: its name
//   and the bits. Bit 0 is a module that is not free, 7 an oops, 9 a warning, 12 a module from elsewhere, 13
//   one without signature.
// risk: farcall's own modules taint a kernel with bits 12 and 13 where it takes modules without signatures.
// undo: Nothing was changed. No taint goes before the next boot.
extern unsigned long tainted_mask;
struct module *module;
report("kernel", tainted_mask);
for_each_module (module) if (module->taints) report(module->name, (unsigned long)module->taints);
