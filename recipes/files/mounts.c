// The mounts of a process.
//
// effect: read
// when: df or mount hang, because they ask a file system that does not answer.
// does: A row for each mount with its path, the device and the type of the file system. No file system is
//   asked.
// risk: None that is known.
// undo: Nothing was changed.
// parameter PID: 1..4194304, the number of a process that sees the mounts; 1 sees those of the host
parameter int PID in 1..4194304 = 1;
report_mounts(task_mnt_ns(find_task(PID)));
