/* Sockets. */

/** The sock of a socket that a file is, or null where the file is none. */
static inline struct sock *file_sock(const struct file *file)
{
	if (!S_ISSOCK(file->f_inode->i_mode))
		return 0;
	return ((struct socket *)file->private_data)->sk;
}

/** Takes a reference to a sock. */
#define sock_hold(sock) refcount_inc(&(sock)->__sk_common.skc_refcnt)

/** Gives a reference to a sock back. */
#define sock_put(of) ({ struct sock *__sock = (of); if (refcount_dec_and_test(&__sock->__sk_common.skc_refcnt)) sk_free(__sock); })

/** The network namespace of a sock. */
#define sock_net(sock) ((sock)->__sk_common.skc_net.net)

/** A number in the order of the network as a number of this CPU. */
#define ntohs(value) ((u16)((((u16)(value) & 0xff) << 8) | ((u16)(value) >> 8)))

/** A number of this CPU in the order of the network. */
#define htons(value) ntohs(value)
