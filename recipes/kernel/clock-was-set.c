// Tells the timers that the clock was set.
//
// effect: write
// when: After a leap second or a jump of the clock, timers end too early and processes use whole CPUs.
// does: Timers that wait for a time of the clock are computed again.
// risk: All CPUs are interrupted once.
// undo: Nothing needs to be.
#if __has_parameters(clock_was_set, 0)
clock_was_set();
#else
clock_was_set(0xf);
#endif
