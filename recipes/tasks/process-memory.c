// The ranges of memory of a process.
//
// effect: read
// when: A process grows, or /proc/PID/maps hangs because somebody holds the lock of the memory.
// does: A row for each range with start, end, rights and file.
// risk: The lock is not taken. A process that maps memory meanwhile may have a range twice or not at all.
// undo: Nothing was changed.
// parameter PID: 1..4194304, the number of the process
parameter int PID in 1..4194304 = 1;
report_maps(find_task(PID));
