// Lets users without rights load programs of BPF again, or root decide on it again.
//
// effect: write
// when: kernel.unprivileged_bpf_disabled is 1, which no sysctl takes back.
// does: Sets the switch from 1 to another value. Where it is not 1, the outcome is skipped.
// risk: With 0, holes of BPF are open to every user.
// undo: sysctl kernel.unprivileged_bpf_disabled=1
// parameter VALUE: 0..2, 0 lets everybody load them, 2 only root until somebody changes it
parameter int VALUE in 0..2 = 2;
extern int sysctl_unprivileged_bpf_disabled;
require(VALUE == 0 || VALUE == 2);
require(cmpxchg(&sysctl_unprivileged_bpf_disabled, 1, VALUE) == 1);
