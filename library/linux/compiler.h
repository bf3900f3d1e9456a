/* Reading and writing an object exactly once, and hints for a C compiler. */

/** The value of an object, read once. */
#define READ_ONCE(object) (*(const volatile typeof(object) *)&(object))

/** Writes an object once. */
#define WRITE_ONCE(object, value) (*(volatile typeof(object) *)&(object) = (value))

/** The name of READ_ONCE before Linux 4.15. */
#define ACCESS_ONCE(object) READ_ONCE(object)

/** READ_ONCE for data that may change at any time without a lock. */
#define data_race(expression) (expression)

/** Reads an object, then orders what follows after the read. A program on a host runs in order. */
#define smp_load_acquire(pointer) READ_ONCE(*(pointer))

/** Writes an object after all that stands before it. */
#define smp_store_release(pointer, value) WRITE_ONCE(*(pointer), value)
