// Switches messages of dynamic debug on or off, where debugfs is not mounted.
//
// effect: call
// when: You need the debug messages of a module or a file, and /sys/kernel/debug is closed.
// does: Changes the messages that the query names, and gives their number.
// risk: Thousands of messages a second slow a host down. Begin with one function.
// undo: Run the recipe again with -p in place of +p.
// parameter QUERY: a query of dynamic debug, such as "func nfs_lookup +p"; at most 255 characters
parameter string QUERY in 1..255 = "module nfs -p";
#if __has_parameters(ddebug_exec_queries, 2)
char query[256] = {};
for (int i = 0; QUERY[i]; i++) query[i] = QUERY[i];
ddebug_exec_queries(query, NULL)
#else
require(0);
#endif
