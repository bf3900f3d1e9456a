// Lets another kernel be loaded again.
//
// effect: write
// when: kernel.kexec_load_disabled was set, which no sysctl takes back, and a crash kernel must be loaded.
// does: Sets the switch from 1 to 0. Where it is 0 already, the outcome is skipped.
// risk: Anyone who is root can start another kernel.
// undo: sysctl kernel.kexec_load_disabled=1
extern int kexec_load_disabled;
require(cmpxchg(&kexec_load_disabled, 1, 0) == 1);
