// The last messages of the kernel log.
//
// effect: read
// when: dmesg is not allowed, or the messages did not reach the log server.
// does: A row for each message with nanoseconds since boot, level and text.
// risk: Messages may hold addresses of the kernel.
// undo: Nothing was changed.
// parameter MESSAGES: 1..1000, how many of the last messages
parameter int MESSAGES in 1..1000 = 50;
report_kernel_log(MESSAGES);
