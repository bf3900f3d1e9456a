/* What a call program cannot do, and what it can do instead. */

/** Refused: a program must be able to sleep at any time. A spin lock keeps preemption off while it is held. */
#define preempt_disable() \
	({ _Static_assert(0, "preemption stays on in a program; take a spin lock, or call a function that keeps it off"); })

/** Refused, as preempt_disable. */
#define local_irq_save(flags) \
	({ _Static_assert(0, "interrupts stay on in a program; spin_lock_irqsave() keeps them off while a lock is held"); })

/** Refused: the loader's own state is not the program's. */
#define set_current_state(state) \
	({ _Static_assert(0, "a program does not put itself to sleep; call a function that waits, such as msleep()"); })

/** Gives other tasks a turn. */
#if __has_symbol(__cond_resched)
#define cond_resched() __cond_resched()
#else
#define cond_resched() _cond_resched()
#endif

/** Refused: a CPU is switched off by /sys/devices/system/cpu, which other tools know of. */
#define cpu_down(cpu) ({ _Static_assert(0, "use remove_cpu(cpu), which the kernel exports for this"); })
