// Says which messages of the kernel log the console shows.
//
// effect: write
// when: A flood of messages on a slow serial console makes a host slow.
// does: Sets the level, and gives the one before. Messages with a lower number than it are shown.
// risk: With 1 the console shows nothing but emergencies. The log itself has everything.
// undo: Run the recipe again with the level that it gave.
// parameter LEVEL: 1..8, messages with a lower number are shown
parameter int LEVEL in 1..8 = 4;
extern int console_printk[4];
xchg(&console_printk[0], LEVEL)
