// Says after how many seconds a host restarts that has panicked.
//
// effect: write
// when: Hosts stand still after a panic, and nobody is there to restart them.
// does: Sets the seconds, and gives those before. 0 is never, and less than 0 is at once.
// risk: A host that panics while it starts restarts again and again.
// undo: Run the recipe again with the value that it gave.
// parameter SECONDS: -1..3600, the time until the restart
parameter int SECONDS in -1..3600 = 60;
extern int panic_timeout;
xchg(&panic_timeout, SECONDS)
