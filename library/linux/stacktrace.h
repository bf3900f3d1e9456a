/* Stacks of tasks that sleep, by reading alone: unwind tables (ORC) on x86-64, frame records on arm64. */

/** A place in the stack of a task. `ip` is 0 behind the last one. */
struct task_frame {
	unsigned long ip;
	unsigned long sp;
	unsigned long fp;
	/* Whether a register frame lies here, so that `ip` is no return address. */
	bool exact;
	/* Whether some code on the way has no unwind table, so that this and what follows may be wrong. */
	bool guess;
};

/** The bytes of the stack of a task. */
#define THREAD_SIZE 16384UL

/** Whether a word of the stack of a task is there. */
static inline bool stack_has(const struct task_struct *task, unsigned long address)
{
	unsigned long bottom = (unsigned long)task->stack;
	return address >= bottom && address <= bottom + THREAD_SIZE - 8 && !(address & 7);
}

/** A word of the stack of a task, or 0 where it has none. */
static inline unsigned long stack_word(const struct task_struct *task, unsigned long address)
{
	return stack_has(task, address) ? *(unsigned long *)address : 0;
}

/** Whether a task is on no CPU, so that its stack stands still. */
static inline bool stack_stands_still(const struct task_struct *task)
{
	return task->stack && !READ_ONCE(task->on_cpu);
}

/** The unwind tables of the kernel. */
#if __has_symbol(__start_orc_unwind_ip)
extern int __start_orc_unwind_ip[];
extern int __stop_orc_unwind_ip[];
extern struct orc_entry __start_orc_unwind[];
#endif

/** The addresses of the code of the kernel. */
extern char _stext[];
extern char _etext[];

/** Whether an address lies in the code of a module. */
static inline bool within_module_text(const struct module *module, unsigned long address)
{
#if __has_member(struct module, mem)
	return address - (unsigned long)module->mem[MOD_TEXT].base < module->mem[MOD_TEXT].size;
#else
	return address - (unsigned long)module->core_layout.base < module->core_layout.text_size;
#endif
}

/** The last entry of a table of addresses, relative to where each stands, that is not behind an address. */
static inline long orc_search(const int *table, long count, unsigned long address)
{
	long low = 0, high = count;
	while (low < high) {
		long middle = (low + high) / 2;
		if ((unsigned long)(table + middle) + table[middle] <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low - 1;
}

/** How to unwind from an address, or null where no table says. */
#if __has_symbol(__start_orc_unwind_ip)
static inline const struct orc_entry *orc_find(unsigned long address)
{
	if (address >= (unsigned long)_stext && address < (unsigned long)_etext) {
		long at = orc_search(__start_orc_unwind_ip, __stop_orc_unwind_ip - __start_orc_unwind_ip, address);
		return at < 0 ? 0 : &__start_orc_unwind[at];
	}
	struct module *module;
	for_each_module(module)
		if (within_module_text(module, address)) {
			long at = orc_search(module->arch.orc_unwind_ip, module->arch.num_orcs, address);
			return at < 0 ? 0 : &module->arch.orc_unwind[at];
		}
	return 0;
}
#endif

/**
 * The number that the tables have for the stack pointer: 5 up to Linux 6.12, 3 in Linux 7.2. Where a function begins,
 * its frame is 8 bytes above the stack pointer, and no other register is used with 8.
 */
#if __has_symbol(__start_orc_unwind_ip)
static inline unsigned int orc_stack_pointer(void)
{
	static unsigned int known;
	for (int at = 0; !known && at < 10000; at++)
		if (__start_orc_unwind[at].sp_offset == 8)
			known = __start_orc_unwind[at].sp_reg;
	return known;
}
#endif

/** Where a task that sleeps goes on; `ip` is 0 where it is on a CPU. */
static inline struct task_frame stack_first(const struct task_struct *task)
{
	struct task_frame frame = { 0 };
	if (!stack_stands_still(task))
		return frame;
#if __has_symbol(__start_orc_unwind_ip)
	const struct inactive_task_frame *saved = (const struct inactive_task_frame *)task->thread.sp;
	if (!stack_has(task, task->thread.sp))
		return frame;
	frame.ip = saved->ret_addr;
	frame.fp = saved->bp;
	frame.sp = task->thread.sp + sizeof(*saved);
#elif __has_member(struct thread_struct, cpu_context)
	frame.ip = task->thread.cpu_context.pc | 0xffff000000000000UL;
	frame.fp = task->thread.cpu_context.fp;
	frame.sp = task->thread.cpu_context.sp;
#endif
	return frame;
}

/** Where a function that has no unwind table was called, if it keeps a frame pointer; else nowhere. */
static inline struct task_frame stack_by_pointer(const struct task_struct *task, struct task_frame frame)
{
	struct task_frame next = { 0 };
	if (frame.fp < frame.sp || !stack_has(task, frame.fp + 8))
		return next;
	next.ip = stack_word(task, frame.fp + 8);
	next.sp = frame.fp + 16;
	next.fp = stack_word(task, frame.fp);
	next.guess = true;
	return next;
}

/** Whether a frame of registers lies at an entry of a table. */
#if __has_symbol(__start_orc_unwind_ip)
static inline bool orc_has_registers(const struct orc_entry *entry)
{
	return entry->type == (__has_member(struct orc_entry, end) ? 1 : 3);
}
#endif

/** Whether a stack ends at an entry of a table. */
#if __has_symbol(__start_orc_unwind_ip)
static inline bool orc_ends(const struct orc_entry *entry)
{
#if __has_member(struct orc_entry, end)
	return entry->end;
#else
	return entry->type == 1;
#endif
}
#endif

/** Where the function of a frame was called; `ip` is 0 where there is nothing more. */
static inline struct task_frame stack_next(const struct task_struct *task, struct task_frame frame)
{
	struct task_frame next = { 0 };
#if __has_symbol(__start_orc_unwind_ip)
	const struct orc_entry *entry = orc_find(frame.exact ? frame.ip : frame.ip - 1);
	if (!entry || (entry->sp_reg == 0 && !orc_ends(entry)))
		return stack_by_pointer(task, frame);
	if (orc_ends(entry))
		return next;
	unsigned long top;
	bool old = orc_stack_pointer() == 5;
	if (entry->sp_reg == orc_stack_pointer())
		top = frame.sp + entry->sp_offset;
	else if (entry->sp_reg == 4)
		top = frame.fp + entry->sp_offset;
	else if (old && entry->sp_reg == 8)
		top = stack_word(task, frame.fp + entry->sp_offset);
	else
		return next;
	if (orc_has_registers(entry)) {
		const struct pt_regs *registers = (const struct pt_regs *)top;
		if (!stack_has(task, top) || !stack_has(task, top + sizeof(*registers) - 8) || (registers->cs & 3))
			return next;
		next.ip = registers->ip;
		next.sp = registers->sp;
		next.fp = registers->bp;
		next.exact = true;
	} else {
		next.ip = stack_word(task, top - 8);
		next.sp = top;
		next.fp = frame.fp;
		if (entry->bp_reg == (old ? 1 : 8))
			next.fp = stack_word(task, top + entry->bp_offset);
		else if (entry->bp_reg == 4)
			next.fp = stack_word(task, frame.fp + entry->bp_offset);
	}
	next.guess = frame.guess;
	if (next.sp <= frame.sp)
		next.ip = 0;
#else
	if (frame.fp < frame.sp || !stack_has(task, frame.fp + 8))
		return next;
	next.ip = stack_word(task, frame.fp + 8);
	next.fp = stack_word(task, frame.fp);
	next.sp = frame.fp + 16;
	if (next.ip)
		next.ip |= 0xffff000000000000UL;
#endif
	return next;
}

/** Runs once for each place in the stack of a task that sleeps; `frame` is a `struct task_frame`. */
#define for_each_stack_frame(frame, task) \
	for ((frame) = stack_first(task); (frame).ip; (frame) = stack_next(task, frame))

/** Reports the stack of a task that sleeps: a row with its number, the address with its symbol, whether it is a guess. */
#define stack(of) \
	({ struct task_struct *__task = (of); struct task_frame __frame; \
	   for_each_stack_frame(__frame, __task) report(__task->pid, (void *)__frame.ip, __frame.guess); })
