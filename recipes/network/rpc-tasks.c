// What waits for servers of NFS.
//
// effect: read
// when: Processes hang on a mount of NFS.
// does: A row for each task of RPC: the number of its client, the server, the process that began it, its
//   status and its state bits. Where sunrpc is not loaded or tells no types, the outcome is skipped.
// risk: Tasks end meanwhile; then the program may be faulted. Ask again.
// undo: Nothing was changed. The recipe end-rpc-tasks ends the tasks of a server that is gone.
#if __has_type(struct sunrpc_net) && __has_symbol(sunrpc_net_id@sunrpc)
extern unsigned int sunrpc_net_id@sunrpc;
struct sunrpc_net *of = init_net.gen->ptr[sunrpc_net_id];
struct rpc_clnt *client;
struct rpc_task *task;
list_for_each_entry (client, &of->all_clients, cl_clients)
  list_for_each_entry (task, &client->cl_tasks, tk_task)
    report(client->cl_clid, client->cl_xprt->servername, task->tk_owner, task->tk_status, task->tk_runstate);
#else
require(0);
#endif
