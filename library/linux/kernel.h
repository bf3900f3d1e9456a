/* Small arithmetic that kernel code uses everywhere. */

/** The number of elements of an array. */
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/** The smaller of two values; each is computed once. */
#define min(one, other) ({ auto __one = (one); auto __other = (other); __one < __other ? __one : __other; })

/** The larger of two values; each is computed once. */
#define max(one, other) ({ auto __one = (one); auto __other = (other); __one > __other ? __one : __other; })

/** The smallest of three values. */
#define min3(one, two, three) min(min(one, two), three)

/** The largest of three values. */
#define max3(one, two, three) max(max(one, two), three)

/** The smaller of two values, both of them converted to a type. */
#define min_t(type, one, other) min((type)(one), (type)(other))

/** The larger of two values, both of them converted to a type. */
#define max_t(type, one, other) max((type)(one), (type)(other))

/** A value, or the end of the range that it lies beyond. */
#define clamp(value, low, high) min(max(value, low), high)

/** clamp, with all values converted to a type. */
#define clamp_t(type, value, low, high) clamp((type)(value), (type)(low), (type)(high))

/** A value, or the end of the range of a type that it lies beyond. */
#define clamp_val(value, low, high) clamp_t(typeof(value), value, low, high)

/** Exchanges two variables. */
#define swap(one, other) ({ auto __kept = (one); (one) = (other); (other) = __kept; })

/** The magnitude of a number. */
#define abs(value) ({ auto __value = (value); __value < 0 ? -__value : __value; })

/** A quotient, rounded up. */
#define DIV_ROUND_UP(value, by) (((value) + (by) - 1) / (by))

/** A quotient, rounded to the nearest number. */
#define DIV_ROUND_CLOSEST(value, by) (((value) + (by) / 2) / (by))

/** The next multiple of a number. */
#define roundup(value, to) ({ auto __to = (to); (((value) + (__to - 1)) / __to) * __to; })

/** The last multiple of a number. */
#define rounddown(value, to) ({ auto __down = (value); __down - __down % (to); })

/** The next multiple of a power of two. */
#define round_up(value, to) ((((value) - 1) | ((typeof(value))(to) - 1)) + 1)

/** The last multiple of a power of two. */
#define round_down(value, to) ((value) & ~((typeof(value))(to) - 1))

/** The next multiple of a power of two. */
#define ALIGN(value, to) (((value) + ((typeof(value))(to) - 1)) & ~((typeof(value))(to) - 1))

/** Whether a value is a multiple of a power of two. */
#define IS_ALIGNED(value, to) (((value) & ((typeof(value))(to) - 1)) == 0)

/** The upper 32 bits of a number. */
#define upper_32_bits(value) ((u32)((u64)(value) >> 32))

/** The lower 32 bits of a number. */
#define lower_32_bits(value) ((u32)(value))

/** Whether a number is a power of two. */
static inline bool is_power_of_2(unsigned long value)
{
	return value != 0 && (value & (value - 1)) == 0;
}

/** Ends the program as skipped where the condition is true: a program must never stop a kernel. */
#define BUG_ON(condition) require(!(condition))

/** Whether a condition is true. A program reports what it finds; it writes no warning to the kernel log. */
#define WARN_ON(condition) (!!(condition))

/** The same as WARN_ON. */
#define WARN_ON_ONCE(condition) WARN_ON(condition)
