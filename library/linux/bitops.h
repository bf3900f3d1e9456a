/* Bits of an array of longs. The operations that change a bit do so in one step. */

/** Whether a bit is set. */
static inline bool test_bit(unsigned long number, const volatile unsigned long *words)
{
	return (words[BIT_WORD(number)] >> (number % BITS_PER_LONG)) & 1;
}

/** Sets a bit. */
static inline void set_bit(unsigned long number, volatile unsigned long *words)
{
	__atomic_fetch_or(&words[BIT_WORD(number)], BIT_MASK(number));
}

/** Clears a bit. */
static inline void clear_bit(unsigned long number, volatile unsigned long *words)
{
	__atomic_fetch_and(&words[BIT_WORD(number)], ~BIT_MASK(number));
}

/** Inverts a bit. */
static inline void change_bit(unsigned long number, volatile unsigned long *words)
{
	__atomic_fetch_xor(&words[BIT_WORD(number)], BIT_MASK(number));
}

/** Sets a bit; gives whether it was set before. */
static inline bool test_and_set_bit(unsigned long number, volatile unsigned long *words)
{
	return (__atomic_fetch_or(&words[BIT_WORD(number)], BIT_MASK(number)) & BIT_MASK(number)) != 0;
}

/** Clears a bit; gives whether it was set before. */
static inline bool test_and_clear_bit(unsigned long number, volatile unsigned long *words)
{
	return (__atomic_fetch_and(&words[BIT_WORD(number)], ~BIT_MASK(number)) & BIT_MASK(number)) != 0;
}

/** Inverts a bit; gives whether it was set before. */
static inline bool test_and_change_bit(unsigned long number, volatile unsigned long *words)
{
	return (__atomic_fetch_xor(&words[BIT_WORD(number)], BIT_MASK(number)) & BIT_MASK(number)) != 0;
}
