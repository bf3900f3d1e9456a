/* Sets of memory nodes. */

/** Sets of nodes by their state: N_ONLINE, N_POSSIBLE, N_MEMORY and others. */
extern nodemask_t node_states[NR_NODE_STATES];

/** The number of node numbers that this kernel can use. */
#define MAX_NUMNODES (8 * sizeof(nodemask_t))

/** Whether a node is in a state. */
#define node_state(node, state) test_bit(node, node_states[state].bits)

/** Runs once for each node of a set. */
#define for_each_node_mask(node, mask) for_each_set_bit(node, (mask).bits, MAX_NUMNODES)

/** Runs once for each node in a state. */
#define for_each_node_state(node, state) for_each_node_mask(node, node_states[state])

/** Runs once for each node that runs. */
#define for_each_online_node(node) for_each_node_state(node, N_ONLINE)

/** Runs once for each node that may ever run. */
#define for_each_node(node) for_each_node_state(node, N_POSSIBLE)

/** The number of nodes that run. */
#define num_online_nodes() bitmap_weight(node_states[N_ONLINE].bits, MAX_NUMNODES)
