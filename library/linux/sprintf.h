/* Text for rows, with the formats of the kernel's printf, put together by the program itself: such a program only reads. */

/** The text that is being put together. */
static char text_room[1024];

/** The characters that the text would have if there were room for all. */
static unsigned int text_length;

/** Appends a character. */
static inline void text_char(char character)
{
	if (text_length < sizeof(text_room) - 1)
		text_room[text_length] = character;
	text_length++;
}

/** How a part of a format wants its value: width, digits at least (or -1), and flags. */
struct text_form {
	int width;
	int precision;
	unsigned int flags;
};

/** The flag `-`: the value stands at the left. */
#define TEXT_LEFT 1

/** The flag `0`: zeros instead of blanks. */
#define TEXT_ZEROS 2

/** The flag `+`: a sign for positive numbers, too. */
#define TEXT_PLUS 4

/** The flag of a blank: a blank where a negative number has its sign. */
#define TEXT_BLANK 8

/** The flag `#`: `0x` or `0` before the number. */
#define TEXT_PREFIX 16

/** Appends a character so many times. */
static inline void text_fill(char character, int count)
{
	while (count-- > 0)
		text_char(character);
}

/** Appends a string, in the width of its form. */
static inline void text_string(const char *text, struct text_form form)
{
	int length = 0;
	if ((unsigned long)text < 4096)
		text = "(null)";
	while ((form.precision < 0 || length < form.precision) && text[length])
		length++;
	if (!(form.flags & TEXT_LEFT))
		text_fill(' ', form.width - length);
	for (int at = 0; at < length; at++)
		text_char(text[at]);
	if (form.flags & TEXT_LEFT)
		text_fill(' ', form.width - length);
}

/** Appends a number without a sign; `sign` is a character before it, or 0. */
static inline void text_digits(u64 value, unsigned int base, char sign, bool capitals, struct text_form form)
{
	char digits[24];
	int count = 0;
	while (value || count < (form.precision < 0 ? 1 : form.precision) && count < 22) {
		digits[count++] = (capitals ? "0123456789ABCDEF" : "0123456789abcdef")[value % base];
		value /= base;
	}
	int before = (sign != 0) + (form.flags & TEXT_PREFIX && base == 16 ? 2 : form.flags & TEXT_PREFIX && base == 8 ? 1 : 0);
	bool zeros = (form.flags & TEXT_ZEROS) && !(form.flags & TEXT_LEFT) && form.precision < 0;
	if (!zeros && !(form.flags & TEXT_LEFT))
		text_fill(' ', form.width - count - before);
	if (sign)
		text_char(sign);
	if (form.flags & TEXT_PREFIX && base != 10) {
		text_char('0');
		if (base == 16)
			text_char(capitals ? 'X' : 'x');
	}
	if (zeros)
		text_fill('0', form.width - count - before);
	for (int at = count; at > 0; at--)
		text_char(digits[at - 1]);
	if (form.flags & TEXT_LEFT)
		text_fill(' ', form.width - count - before);
}

/** Appends a number with a sign. */
static inline void text_signed(s64 value, struct text_form form)
{
	char sign = value < 0 ? '-' : form.flags & TEXT_PLUS ? '+' : form.flags & TEXT_BLANK ? ' ' : 0;
	text_digits(value < 0 ? -(u64)value : value, 10, sign, false, form);
}

/** Appends a number in decimal, without anything else. */
static inline void text_number(u64 value)
{
	text_digits(value, 10, 0, false, (struct text_form){ 0, -1, 0 });
}

/** Appends so many digits in hexadecimal. */
static inline void text_hex(u64 value, int digits)
{
	text_digits(value, 16, 0, false, (struct text_form){ 0, digits, 0 });
}

/** Appends an address, as `%px` does. */
static inline void text_address(u64 value, struct text_form form)
{
	form.precision = form.precision < 0 ? 16 : form.precision;
	text_digits(value, 16, 0, false, form);
}

/** Appends the symbol that contains an address: with the offset for `%pS`, without for `%ps`. */
static inline void text_symbol(const void *address, bool offset, struct text_form form)
{
	const char *name = symbol_name(address);
	char text[160];
	int length = 0, at = 0;
	while (name[at] && name[at] != '/' && name[at] != ' ' && (offset || name[at] != '+') && length < 100)
		text[length++] = name[at++];
	while (name[at] && name[at] != ' ')
		at++;
	while (name[at] && length < 159)
		text[length++] = name[at++];
	text[length] = 0;
	text_string(text, form);
}

/** Appends the last `count` parts of the path of a name, as `%pd`, `%pd2`, `%pd3` and `%pd4` do. */
static inline void text_dentry(const struct dentry *dentry, int count, struct text_form form)
{
	const struct dentry *parts[4];
	int found = 0;
	parts[found++] = dentry;
	while (found < count && dentry->d_parent != dentry) {
		dentry = dentry->d_parent;
		parts[found++] = dentry;
	}
	if (found == 1)
		return text_string((const char *)dentry->d_name.name, form);
	for (int at = found; at > 0; at--) {
		if (at != found && !(at == found - 1 && parts[found - 1]->d_parent == parts[found - 1]))
			text_char('/');
		text_string((const char *)parts[at - 1]->d_name.name, (struct text_form){ 0, -1, 0 });
	}
}

/** Appends an address of IPv4, which stands in the order of the network. */
static inline void text_ip4(const u8 *address, bool zeros)
{
	for (int at = 0; at < 4; at++) {
		if (at)
			text_char('.');
		text_digits(address[at], 10, 0, false, (struct text_form){ 0, zeros ? 3 : -1, 0 });
	}
}

/** Appends an address of IPv6: in full for `%pI6`, without colons for `%pi6`. */
static inline void text_ip6(const u8 *address, bool colons)
{
	for (int at = 0; at < 16; at += 2) {
		if (at && colons)
			text_char(':');
		text_hex(address[at] << 8 | address[at + 1], 4);
	}
}

/** Appends an address of IPv6 as short as RFC 5952 has it, for `%pI6c`. */
static inline void text_ip6_short(const u8 *address)
{
	int best = -1, longest = 1;
	for (int at = 0; at < 8; at++) {
		int zeros = 0;
		while (at + zeros < 8 && !address[2 * (at + zeros)] && !address[2 * (at + zeros) + 1])
			zeros++;
		if (zeros > longest) {
			longest = zeros;
			best = at;
		}
	}
	for (int at = 0; at < 8; at++) {
		if (at == best) {
			text_char(':');
			if (at + longest == 8)
				text_char(':');
			at += longest - 1;
			continue;
		}
		if (at)
			text_char(':');
		text_hex(address[2 * at] << 8 | address[2 * at + 1], 1);
	}
}

/** Appends bytes in hexadecimal, with a character between two, or none where it is 0. */
static inline void text_bytes(const u8 *bytes, int count, char between)
{
	for (int at = 0; at < count && at < 64; at++) {
		if (at && between)
			text_char(between);
		text_hex(bytes[at], 2);
	}
}

/** Appends a UUID, whose first parts are little-endian for `%pUl`. */
static inline void text_uuid(const u8 *uuid, bool little)
{
	const u8 order[16] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };
	for (int at = 0; at < 16; at++) {
		if (at == 4 || at == 6 || at == 8 || at == 10)
			text_char('-');
		text_hex(uuid[little ? order[at] : at], 2);
	}
}

/** Appends an address of IPv4 or IPv6 with its port, as `%pISpc` does. */
static inline void text_sockaddr(const u8 *address, bool port)
{
	bool six = *(const u16 *)address == 10;
	if (six && port)
		text_char('[');
	if (six)
		text_ip6_short(address + 8);
	else
		text_ip4(address + 4, false);
	if (six && port)
		text_char(']');
	if (port) {
		text_char(':');
		text_number(address[2] << 8 | address[3]);
	}
}

/** Appends ranges of bits, as `%*pbl` does: 0-3,7. */
static inline void text_bit_list(const unsigned long *map, int bits)
{
	int written = 0;
	for (int at = 0; at < bits; at++) {
		if (!(map[at / 64] >> at % 64 & 1))
			continue;
		int end = at;
		while (end + 1 < bits && (map[(end + 1) / 64] >> (end + 1) % 64 & 1))
			end++;
		if (written++)
			text_char(',');
		text_number(at);
		if (end > at) {
			text_char('-');
			text_number(end);
		}
		at = end;
	}
}

/** The names of errno from 1 on, without their E. */
#define errno_names \
	"PERM NOENT SRCH INTR IO NXIO 2BIG NOEXEC BADF CHILD AGAIN NOMEM ACCES FAULT NOTBLK BUSY EXIST " \
	"XDEV NODEV NOTDIR ISDIR INVAL NFILE MFILE NOTTY TXTBSY FBIG NOSPC SPIPE ROFS MLINK PIPE DOM " \
	"RANGE DEADLK NAMETOOLONG NOLCK NOSYS NOTEMPTY LOOP  NOMSG IDRM CHRNG L2NSYNC L3HLT L3RST LNRNG " \
	"UNATCH NOCSI L2HLT BADE BADR XFULL NOANO BADRQC BADSLT  BFONT NOSTR NODATA TIME NOSR NONET " \
	"NOPKG REMOTE NOLINK ADV SRMNT COMM PROTO MULTIHOP DOTDOT BADMSG OVERFLOW NOTUNIQ BADFD REMCHG " \
	"LIBACC LIBBAD LIBSCN LIBMAX LIBEXEC ILSEQ RESTART STRPIPE USERS NOTSOCK DESTADDRREQ MSGSIZE " \
	"PROTOTYPE NOPROTOOPT PROTONOSUPPORT SOCKTNOSUPPORT OPNOTSUPP PFNOSUPPORT AFNOSUPPORT ADDRINUSE " \
	"ADDRNOTAVAIL NETDOWN NETUNREACH NETRESET CONNABORTED CONNRESET NOBUFS ISCONN NOTCONN SHUTDOWN " \
	"TOOMANYREFS TIMEDOUT CONNREFUSED HOSTDOWN HOSTUNREACH ALREADY INPROGRESS STALE UCLEAN NOTNAM " \
	"NAVAIL ISNAM REMOTEIO DQUOT NOMEDIUM MEDIUMTYPE CANCELED NOKEY KEYEXPIRED KEYREVOKED " \
	"KEYREJECTED OWNERDEAD NOTRECOVERABLE RFKILL"

/** Appends the name of a negative errno, such as -ENOENT, or the number where it has none. */
static inline void text_errno(s64 error)
{
	const char *names = errno_names;
	const char *from = names;
	for (s64 number = error < 0 ? -error : 200; number > 1 && *from; from++)
		if (*from == ' ')
			number--;
	if (error >= 0 || !*from || *from == ' ')
		return text_signed(error, (struct text_form){ 0, -1, 0 });
	text_char('-');
	text_char('E');
	for (; *from && *from != ' '; from++)
		text_char(*from);
}

/** Appends what `%p` and the letters behind it stand for; gives how many letters were used. */
static inline int text_pointer(const char *letters, u64 value, struct text_form form)
{
	const u8 *bytes = (const u8 *)value;
	const char kind = letters[0], more = kind ? letters[1] : 0;
	int count = form.width > 0 ? form.width : 1;
	switch (kind) {
	case 'S':
	case 'B':
		text_symbol((const void *)value, true, form);
		return more == 'R' ? 2 : 1;
	case 's':
		text_symbol((const void *)value, false, form);
		return 1;
	case 'd':
	case 'D': {
		int parts = more >= '2' && more <= '4' ? more - '0' : 1;
		text_dentry(kind == 'd' ? (const struct dentry *)value : ((const struct file *)value)->f_path.dentry, parts, form);
		return more >= '2' && more <= '4' ? 2 : 1;
	}
	case 'I':
	case 'i':
		if (more == '4') {
			text_ip4(bytes, kind == 'i');
			return 2;
		}
		if (more == '6' && letters[2] == 'c') {
			text_ip6_short(bytes);
			return 3;
		}
		if (more == '6') {
			text_ip6(bytes, kind == 'I');
			return 2;
		}
		if (more == 'S') {
			int used = 2;
			bool port = false;
			for (; letters[used] == 'p' || letters[used] == 'c'; used++)
				port |= letters[used] == 'p';
			text_sockaddr(bytes, port);
			return used;
		}
		require(0 && "this form of %pI is not computed");
		return 1;
	case 'M':
	case 'm':
		text_bytes(bytes, 6, kind == 'm' ? 0 : more == 'F' ? '-' : ':');
		return kind == 'M' && more == 'F' ? 2 : 1;
	case 'U':
		text_uuid(bytes, more == 'l' || more == 'L');
		return more == 'b' || more == 'B' || more == 'l' || more == 'L' ? 2 : 1;
	case 'h':
		text_bytes(bytes, count, more == 'C' ? ':' : more == 'D' ? '-' : more == 'N' ? 0 : ' ');
		return more == 'C' || more == 'D' || more == 'N' ? 2 : 1;
	case 'e':
		text_errno((s64)value);
		return 1;
	case 'b':
		require(more == 'l');
		text_bit_list((const unsigned long *)value, form.width);
		return 2;
	case 'x':
	case 'K':
		text_address(value, form);
		return 1;
	default:
		text_address(value, form);
		return 0;
	}
}

/** The number that stands in a format at `at`, or the next value where there is a `*`. */
struct text_count {
	int count;
	int at;
	unsigned int used;
};

/** Reads such a number. */
static inline struct text_count text_count_at(const char *format, int at, const u64 *values, unsigned int used)
{
	struct text_count found = { -1, at, used };
	if (format[at] == '*')
		return (struct text_count){ (int)values[used], at + 1, used + 1 };
	while (format[found.at] >= '0' && format[found.at] <= '9') {
		found.count = (found.count < 0 ? 0 : found.count) * 10 + format[found.at] - '0';
		found.at++;
	}
	return found;
}

/** Puts a text together from a format and its values; gives its length. */
static inline unsigned int text_format(const char *format, const u64 *values)
{
	unsigned int used = 0;
	text_length = 0;
	for (int at = 0; format[at]; at++) {
		if (format[at] != '%') {
			text_char(format[at]);
			continue;
		}
		at++;
		struct text_form form = { 0, -1, 0 };
		for (;; at++) {
			if (format[at] == '-')
				form.flags |= TEXT_LEFT;
			else if (format[at] == '0')
				form.flags |= TEXT_ZEROS;
			else if (format[at] == '+')
				form.flags |= TEXT_PLUS;
			else if (format[at] == ' ')
				form.flags |= TEXT_BLANK;
			else if (format[at] == '#')
				form.flags |= TEXT_PREFIX;
			else
				break;
		}
		struct text_count found = text_count_at(format, at, values, used);
		form.width = found.count < 0 ? 0 : found.count;
		if (format[found.at] == '.') {
			found = text_count_at(format, found.at + 1, values, found.used);
			form.precision = found.count < 0 ? 0 : found.count;
		}
		at = found.at;
		used = found.used;
		int bits = 32;
		for (;; at++) {
			if (format[at] == 'l' || format[at] == 'z' || format[at] == 't' || format[at] == 'j')
				bits = 64;
			else if (format[at] == 'h')
				bits = bits == 16 ? 8 : 16;
			else
				break;
		}
		u64 value = format[at] == '%' ? 0 : values[used++];
		u64 narrow = bits == 64 ? value : value & ((1UL << bits) - 1);
		s64 wide = bits == 64 ? (s64)value : (s64)(value << (64 - bits)) >> (64 - bits);
		switch (format[at]) {
		case '%':
			text_char('%');
			break;
		case 'd':
		case 'i':
			text_signed(wide, form);
			break;
		case 'u':
			text_digits(narrow, 10, 0, false, form);
			break;
		case 'x':
			text_digits(narrow, 16, 0, false, form);
			break;
		case 'X':
			text_digits(narrow, 16, 0, true, form);
			break;
		case 'o':
			text_digits(narrow, 8, 0, false, form);
			break;
		case 'c':
			text_fill(' ', form.flags & TEXT_LEFT ? 0 : form.width - 1);
			text_char((char)value);
			text_fill(' ', form.flags & TEXT_LEFT ? form.width - 1 : 0);
			break;
		case 's':
			text_string((const char *)value, form);
			break;
		case 'p':
			at += text_pointer(format + at + 1, value, form);
			break;
		default:
			require(0 && "this conversion is not computed");
		}
	}
	text_room[text_length < sizeof(text_room) ? text_length : sizeof(text_room) - 1] = 0;
	return text_length;
}

/** The values of a format as 64 bits each, up to 16. */
#define TEXT_VALUES(...) { __VA_OPT__(TEXT_VALUE_1(__VA_ARGS__)) 0 }
#define TEXT_VALUE_1(value, ...) (u64)(value), __VA_OPT__(TEXT_VALUE_2(__VA_ARGS__))
#define TEXT_VALUE_2(value, ...) (u64)(value), __VA_OPT__(TEXT_VALUE_3(__VA_ARGS__))
#define TEXT_VALUE_3(value, ...) (u64)(value), __VA_OPT__(TEXT_VALUE_4(__VA_ARGS__))
#define TEXT_VALUE_4(value, ...) (u64)(value), __VA_OPT__(TEXT_VALUE_5(__VA_ARGS__))
#define TEXT_VALUE_5(value, ...) (u64)(value), __VA_OPT__(TEXT_VALUE_6(__VA_ARGS__))
#define TEXT_VALUE_6(value, ...) (u64)(value), __VA_OPT__(TEXT_VALUE_7(__VA_ARGS__))
#define TEXT_VALUE_7(value, ...) (u64)(value), __VA_OPT__(TEXT_VALUE_8(__VA_ARGS__))
#define TEXT_VALUE_8(value, ...) (u64)(value), __VA_OPT__(TEXT_VALUE_9(__VA_ARGS__))
#define TEXT_VALUE_9(value, ...) (u64)(value), __VA_OPT__(TEXT_VALUE_10(__VA_ARGS__))
#define TEXT_VALUE_10(value, ...) (u64)(value), __VA_OPT__(TEXT_VALUE_11(__VA_ARGS__))
#define TEXT_VALUE_11(value, ...) (u64)(value), __VA_OPT__(TEXT_VALUE_12(__VA_ARGS__))
#define TEXT_VALUE_12(value, ...) (u64)(value), __VA_OPT__(TEXT_VALUE_13(__VA_ARGS__))
#define TEXT_VALUE_13(value, ...) (u64)(value), __VA_OPT__(TEXT_VALUE_14(__VA_ARGS__))
#define TEXT_VALUE_14(value, ...) (u64)(value), __VA_OPT__(TEXT_VALUE_15(__VA_ARGS__))
#define TEXT_VALUE_15(value, ...) (u64)(value), __VA_OPT__(TEXT_VALUE_16(__VA_ARGS__))
#define TEXT_VALUE_16(value, ...) (u64)(value), __VA_OPT__(TEXT_VALUE_17(__VA_ARGS__))

/**
 * Writes a text to an array of char of the program; gives the length that it would have with room for all. Of the
 * formats of `%p` it computes S s B d D I i M m U h e bl x K; `%p` itself is the address.
 */
#define snprintf(buffer, room, format, ...) \
	({ const u64 __values[] = TEXT_VALUES(__VA_ARGS__); \
	   unsigned int __length = text_format(format, __values), __room = (room); \
	   for (unsigned int __at = 0; __at < __room; __at++) { \
		   _Generic((buffer), void *: (char *)(buffer), default: (buffer))[__at] = __at + 1 < __room ? text_room[__at] : 0; \
		   if (!text_room[__at]) \
			   break; \
	   } \
	   (int)__length; })

/** snprintf, but gives the length that was written. */
#define scnprintf(buffer, room, format, ...) \
	({ int __wanted = snprintf(buffer, room, format, ##__VA_ARGS__); \
	   __wanted < (int)(room) ? __wanted : (room) ? (int)(room) - 1 : 0; })

/** A text as a cell of a row, as snprintf() puts it together: report(text_of("%pI4", &address)). It is there until the next. */
#define text_of(format, ...) \
	({ const u64 __values[] = TEXT_VALUES(__VA_ARGS__); text_format(format, __values); (const char *)text_room; })
