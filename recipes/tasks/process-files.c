// The files that a process has open.
//
// effect: read
// when: lsof is not there, or hangs on a file system that does not answer.
// does: A row for each descriptor with its number and the path. Pipes and sockets have their kind and inode.
// risk: The process goes on meanwhile, so a file that is closed in this moment may be listed or missing.
// undo: Nothing was changed.
// parameter PID: 1..4194304, the number of the process
parameter int PID in 1..4194304 = 1;
report_files(find_task(PID));
