/* Bit maps of any length. */

/** The number of bits that are set among the first `bits`. */
static inline unsigned int bitmap_weight(const unsigned long *map, unsigned int bits)
{
	unsigned int set = 0;
	for (unsigned int word = 0; word < bits / BITS_PER_LONG; word++)
		set += hweight64(map[word]);
	if (bits % BITS_PER_LONG)
		set += hweight64(map[bits / BITS_PER_LONG] & (BIT_MASK(bits) - 1));
	return set;
}

/** Whether none of the first `bits` is set. */
static inline bool bitmap_empty(const unsigned long *map, unsigned int bits)
{
	return find_first_bit(map, bits) == bits;
}

/** Whether all of the first `bits` are set. */
static inline bool bitmap_full(const unsigned long *map, unsigned int bits)
{
	return find_first_zero_bit(map, bits) == bits;
}

/** Whether two maps have the same first `bits`. */
static inline bool bitmap_equal(const unsigned long *one, const unsigned long *other, unsigned int bits)
{
	for (unsigned int word = 0; word < bits / BITS_PER_LONG; word++)
		if (one[word] != other[word])
			return false;
	if (bits % BITS_PER_LONG == 0)
		return true;
	unsigned int last = bits / BITS_PER_LONG;
	return ((one[last] ^ other[last]) & (BIT_MASK(bits) - 1)) == 0;
}

/** Whether two maps have a bit in common among the first `bits`. */
static inline bool bitmap_intersects(const unsigned long *one, const unsigned long *other, unsigned int bits)
{
	for (unsigned int bit = 0; bit < bits; bit++)
		if (test_bit(bit, one) && test_bit(bit, other))
			return true;
	return false;
}
