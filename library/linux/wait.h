/* Queues of tasks that wait. */

/** Whether somebody waits in a queue. */
static inline bool waitqueue_active(const struct wait_queue_head *queue)
{
	return !list_empty(&queue->head);
}

/** Wakes the tasks that wait in a queue: all that do not wait alone, and one that does. */
#define wake_up(queue) __wake_up(queue, 3, 1, 0)

/** Wakes all tasks that wait in a queue. */
#define wake_up_all(queue) __wake_up(queue, 3, 0, 0)

/** wake_up, for tasks that a signal wakes. */
#define wake_up_interruptible(queue) __wake_up(queue, 1, 1, 0)

/** Whether a completion is done. */
static inline bool completion_done(const struct completion *completion)
{
	return READ_ONCE(completion->done) != 0;
}
