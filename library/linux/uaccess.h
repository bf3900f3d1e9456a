/* Memory of processes. */

/** Refused: the memory of the process that loads a program is nobody's. */
#define copy_from_user(to, from, bytes) \
	({ _Static_assert(0, "a program runs in no user's process; access_process_vm() reads the memory of one"); })

/** Refused, as copy_from_user. */
#define copy_to_user(to, from, bytes) \
	({ _Static_assert(0, "a program runs in no user's process; access_process_vm() writes the memory of one"); })
