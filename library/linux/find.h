/* Finding and counting bits of an array of longs. */

/** The first bit from `from` on that is set, or `size` where none is. */
static inline unsigned long find_next_bit(const unsigned long *words, unsigned long size, unsigned long from)
{
	for (unsigned long at = from; at < size; at = (at | (BITS_PER_LONG - 1)) + 1) {
		unsigned long rest = words[BIT_WORD(at)] >> (at % BITS_PER_LONG);
		if (rest)
			return at + __ffs(rest) < size ? at + __ffs(rest) : size;
	}
	return size;
}

/** The first bit from `from` on that is clear, or `size` where none is. */
static inline unsigned long find_next_zero_bit(const unsigned long *words, unsigned long size, unsigned long from)
{
	for (unsigned long at = from; at < size; at = (at | (BITS_PER_LONG - 1)) + 1) {
		unsigned long rest = ~words[BIT_WORD(at)] >> (at % BITS_PER_LONG);
		if (rest)
			return at + __ffs(rest) < size ? at + __ffs(rest) : size;
	}
	return size;
}

/** The first bit that is set, or `size` where none is. */
static inline unsigned long find_first_bit(const unsigned long *words, unsigned long size)
{
	return find_next_bit(words, size, 0);
}

/** The first bit that is clear, or `size` where none is. */
static inline unsigned long find_first_zero_bit(const unsigned long *words, unsigned long size)
{
	return find_next_zero_bit(words, size, 0);
}

/** The last bit that is set, or `size` where none is. */
static inline unsigned long find_last_bit(const unsigned long *words, unsigned long size)
{
	for (unsigned long at = size; at > 0; at--)
		if (test_bit(at - 1, words))
			return at - 1;
	return size;
}

/** The same as find_next_bit, as a read: the kernel's function of this name is not called. */
#define _find_next_bit(words, size, from) find_next_bit(words, size, from)

/** Runs once for each bit that is set. */
#define for_each_set_bit(bit, words, size) \
	for ((bit) = find_first_bit(words, size); (bit) < (size); (bit) = find_next_bit(words, size, (bit) + 1))

/** Runs once for each bit that is clear. */
#define for_each_clear_bit(bit, words, size) \
	for ((bit) = find_first_zero_bit(words, size); (bit) < (size); (bit) = find_next_zero_bit(words, size, (bit) + 1))
