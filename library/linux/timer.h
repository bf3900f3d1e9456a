/* Timers and work that waits. */

/** Whether a timer waits. */
static inline bool timer_pending(const struct timer_list *timer)
{
	return timer->entry.pprev != 0;
}

/** Whether work is queued. */
static inline bool work_pending(const struct work_struct *work)
{
	return work->data.counter & 1;
}

/** Whether a high-resolution timer waits. */
static inline bool hrtimer_is_queued(const struct hrtimer *timer)
{
#if __has_member(struct hrtimer, is_queued)
	return timer->is_queued;
#else
	return timer->state & 1;
#endif
}

/** Stops a timer; gives whether it waited. It has another name since Linux 6.2. */
#if !__has_symbol(del_timer)
#define del_timer(timer) timer_delete(timer)
#endif

/** Stops a timer; gives whether it waited. It had another name before Linux 6.2. */
#if !__has_symbol(timer_delete)
#define timer_delete(timer) del_timer(timer)
#endif
