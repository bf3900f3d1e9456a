/* Strings, compared and searched by the program itself: such a program only reads. */

/** The length of a string, without the zero at its end. */
static inline size_t strlen(const char *text)
{
	size_t length = 0;
	while (text[length])
		length++;
	return length;
}

/** The length of a string, at most `limit`. */
static inline size_t strnlen(const char *text, size_t limit)
{
	size_t length = 0;
	while (length < limit && text[length])
		length++;
	return length;
}

/** Less than 0, 0 or more than 0, as the first string comes before the other, is the same, or comes after it. */
static inline int strcmp(const char *one, const char *other)
{
	for (size_t at = 0;; at++) {
		unsigned char left = one[at], right = other[at];
		if (left != right)
			return left < right ? -1 : 1;
		if (!left)
			return 0;
	}
}

/** strcmp of at most `limit` characters. */
static inline int strncmp(const char *one, const char *other, size_t limit)
{
	for (size_t at = 0; at < limit; at++) {
		unsigned char left = one[at], right = other[at];
		if (left != right)
			return left < right ? -1 : 1;
		if (!left)
			return 0;
	}
	return 0;
}

/** A letter from A to Z as a small letter. */
static inline int tolower(int character)
{
	return character >= 'A' && character <= 'Z' ? character + 32 : character;
}

/** strcmp where capital and small letters are the same. */
static inline int strcasecmp(const char *one, const char *other)
{
	for (size_t at = 0;; at++) {
		int left = tolower((unsigned char)one[at]), right = tolower((unsigned char)other[at]);
		if (left != right)
			return left - right;
		if (!left)
			return 0;
	}
}

/** Whether two strings are the same, or differ in a newline at the end, as in sysfs. */
static inline bool sysfs_streq(const char *one, const char *other)
{
	size_t at = 0;
	while (one[at] && one[at] == other[at])
		at++;
	if (one[at] == other[at])
		return true;
	if (!one[at] && other[at] == '\n' && !other[at + 1])
		return true;
	return one[at] == '\n' && !one[at + 1] && !other[at];
}

/** The length of `prefix` where a string begins with it, else 0. */
static inline size_t str_has_prefix(const char *text, const char *prefix)
{
	size_t length = strlen(prefix);
	return strncmp(text, prefix, length) == 0 ? length : 0;
}

/** Whether a string begins with another. */
static inline bool strstarts(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

/** Where a character first stands, or null. */
static inline char *strchr(const char *text, int character)
{
	for (;; text++) {
		if (*text == (char)character)
			return (char *)text;
		if (!*text)
			return 0;
	}
}

/** Where a character last stands, or null. */
static inline char *strrchr(const char *text, int character)
{
	const char *last = 0;
	for (;; text++) {
		if (*text == (char)character)
			last = text;
		if (!*text)
			return (char *)last;
	}
}

/** Where a string first contains another, or null. */
static inline char *strstr(const char *text, const char *part)
{
	size_t length = strlen(part);
	for (;; text++) {
		if (strncmp(text, part, length) == 0)
			return (char *)text;
		if (!*text)
			return 0;
	}
}

/** Less than 0, 0 or more than 0, as the first bytes come before the others, are the same, or come after them. */
static inline int memcmp(const void *one, const void *other, size_t bytes)
{
	const unsigned char *left = one;
	const unsigned char *right = other;
	for (size_t at = 0; at < bytes; at++)
		if (left[at] != right[at])
			return left[at] < right[at] ? -1 : 1;
	return 0;
}

/** Where a byte first stands in memory, or null. */
static inline void *memchr(const void *from, int byte, size_t bytes)
{
	const unsigned char *at = from;
	for (size_t done = 0; done < bytes; done++)
		if (at[done] == (unsigned char)byte)
			return (void *)(at + done);
	return 0;
}
