/* What a call program cannot do, and what it can do instead. */

/** Refused: guard(preempt)() keeps preemption off to the end of its block, and gives it back on every way out. */
#define preempt_disable() \
	({ _Static_assert(0, "preemption stays on in a program; write guard(preempt)(); which keeps it off to the end of the block"); })

/** Refused: guard(irqsave)() keeps interrupts off to the end of its block, and lets them in on every way out. */
#define local_irq_save(flags) \
	({ _Static_assert(0, "interrupts stay on in a program; write guard(irqsave)(); which keeps them off to the end of the block"); })

/** Refused: the loader's own state is not the program's. */
#define set_current_state(state) \
	({ _Static_assert(0, "a program does not put itself to sleep by hand; call a function that waits, such as msleep()"); })

/** Gives other tasks a turn. */
#if __has_symbol(__cond_resched)
#define cond_resched() __cond_resched()
#elif __has_symbol(_cond_resched)
#define cond_resched() _cond_resched()
#else
#define cond_resched() ((void)0)
#endif

/** Takes a CPU out of use; the name of remove_cpu before Linux 5.7. */
#define cpu_down(cpu) remove_cpu(cpu)
