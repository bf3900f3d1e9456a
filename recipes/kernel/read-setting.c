// A setting of the kernel, as sysctl shows it.
//
// effect: read
// when: You want to know which hosts have which value, or no /proc/sys is there.
// does: The value, of a setting that is an int.
// risk: A setting that is no int gives its first four bytes.
// undo: Nothing was changed.
// parameter SETTING: the path of the setting below /proc/sys, at most 255 characters
parameter string SETTING in 1..255 = "kernel/panic";
sysctl_int(SETTING)
