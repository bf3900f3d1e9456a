/* Pointers that may hold a negative errno instead of an address. */

/** The largest errno that a pointer can hold. */
#define MAX_ERRNO 4095

/** Whether an unsigned long holds a negative errno. */
#define IS_ERR_VALUE(value) ((unsigned long)(value) >= (unsigned long)-MAX_ERRNO)

/** Whether a pointer holds an errno. */
static inline bool IS_ERR(const void *pointer)
{
	return IS_ERR_VALUE((unsigned long)pointer);
}

/** Whether a pointer is null or holds an errno. */
static inline bool IS_ERR_OR_NULL(const void *pointer)
{
	return !pointer || IS_ERR_VALUE((unsigned long)pointer);
}

/** The negative errno that a pointer holds. */
static inline long PTR_ERR(const void *pointer)
{
	return (long)pointer;
}

/** A pointer that holds a negative errno. */
static inline void *ERR_PTR(long error)
{
	return (void *)error;
}

/** The negative errno that a pointer holds, or 0 where it is an address. */
static inline int PTR_ERR_OR_ZERO(const void *pointer)
{
	return IS_ERR(pointer) ? (int)PTR_ERR(pointer) : 0;
}

/** The same errno in a pointer of any type. */
static inline void *ERR_CAST(const void *pointer)
{
	return (void *)pointer;
}
