// Interrupts, and how often each came.
//
// effect: read
// when: One CPU is busy with interrupts, or a device seems to send none.
// does: A row for each interrupt that somebody handles: its number, the handler's name, how often it came on
//   all CPUs and the CPUs that it may come to.
// risk: None that is known.
// undo: Nothing was changed.
struct irq_desc *interrupt;
unsigned long number;
unsigned cpu;
for_each_irq_desc (number, interrupt) {
  if (!interrupt->action) continue;
  unsigned long times = 0;
  for_each_possible_cpu (cpu)
#if __has_type(struct irqstat)
    times += per_cpu_ptr(interrupt->kstat_irqs, cpu)->cnt;
#else
    times += *per_cpu_ptr(interrupt->kstat_irqs, cpu);
#endif
  report(number, interrupt->action->name ?: "", times,
         text_of("%*pbl", nr_cpu_ids, cpumask_bits(interrupt->irq_common_data.affinity)));
}
