/* Bits and masks in one word. */

/** The number of bits of a long. */
#define BITS_PER_LONG 64

/** The number of bits of a byte. */
#define BITS_PER_BYTE 8

/** A word with one bit set. */
#define BIT(number) (1UL << (number))

/** A 64-bit word with one bit set. */
#define BIT_ULL(number) (1ULL << (number))

/** The bit in its word. */
#define BIT_MASK(number) (1UL << ((number) % BITS_PER_LONG))

/** The word of a bit in an array of longs. */
#define BIT_WORD(number) ((number) / BITS_PER_LONG)

/** The number of longs that hold so many bits. */
#define BITS_TO_LONGS(bits) (((bits) + BITS_PER_LONG - 1) / BITS_PER_LONG)

/** A word with the bits from `low` to `high` set. */
#define GENMASK(high, low) ((~0UL << (low)) & (~0UL >> (BITS_PER_LONG - 1 - (high))))

/** The number of bits set in a word. */
static inline unsigned int hweight64(u64 word)
{
	word -= (word >> 1) & 0x5555555555555555ULL;
	word = (word & 0x3333333333333333ULL) + ((word >> 2) & 0x3333333333333333ULL);
	word = (word + (word >> 4)) & 0x0f0f0f0f0f0f0f0fULL;
	return (unsigned int)((word * 0x0101010101010101ULL) >> 56);
}

/** The number of bits set in 32 bits. */
static inline unsigned int hweight32(u32 word)
{
	return hweight64(word);
}

/** The number of bits set in a long. */
static inline unsigned long hweight_long(unsigned long word)
{
	return hweight64(word);
}

/** The number of the lowest bit that is set. The word is not 0. */
static inline unsigned long __ffs(unsigned long word)
{
	return hweight64((word & -word) - 1);
}

/** The number of the lowest bit that is clear. The word has one. */
static inline unsigned long ffz(unsigned long word)
{
	return __ffs(~word);
}

/** The number of the highest bit that is set. The word is not 0. */
static inline unsigned long __fls(unsigned long word)
{
	word |= word >> 1;
	word |= word >> 2;
	word |= word >> 4;
	word |= word >> 8;
	word |= word >> 16;
	word |= word >> 32;
	return hweight64(word) - 1;
}

/** The lowest bit that is set, counted from 1; 0 where none is. */
static inline int ffs(int word)
{
	return word ? (int)__ffs((u32)word) + 1 : 0;
}

/** The highest bit that is set, counted from 1; 0 where none is. */
static inline int fls(unsigned int word)
{
	return word ? (int)__fls(word) + 1 : 0;
}

/** The highest bit that is set in 64 bits, counted from 1; 0 where none is. */
static inline int fls64(u64 word)
{
	return word ? (int)__fls(word) + 1 : 0;
}

/** The logarithm to base 2, rounded down. The number is not 0. */
static inline int ilog2(u64 value)
{
	return (int)__fls(value);
}

/** The power of two that is not less than a number. */
static inline unsigned long roundup_pow_of_two(unsigned long value)
{
	return value < 2 ? 1 : 1UL << (__fls(value - 1) + 1);
}
