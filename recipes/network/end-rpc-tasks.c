// Ends what waits for a server of NFS that is gone.
//
// effect: call
// when: rpc-tasks shows tasks for a server that does not come back, and processes hang on its mounts.
// does: Ends all tasks of RPC for that server with an error, and gives how many clients it has here. The
//   processes get EIO.
// risk: What was not written to the server is lost. A mount that is not taken away begins new tasks.
// undo: Tasks cannot be begun again; processes may try again.
// parameter SERVER: the name of the server as rpc-tasks shows it, at most 63 characters
parameter string SERVER in 1..63 = "192.0.2.1";
#if __has_type(struct sunrpc_net) && __has_symbol(sunrpc_net_id@sunrpc)
extern unsigned int sunrpc_net_id@sunrpc;
struct sunrpc_net *of = init_net.gen->ptr[sunrpc_net_id];
struct rpc_clnt *client;
int clients = 0;
list_for_each_entry (client, &of->all_clients, cl_clients)
  if (!strcmp(client->cl_xprt->servername, SERVER)) {
    rpc_killall_tasks(client);
    clients++;
  }
require(clients);
clients
#else
require(0);
#endif
