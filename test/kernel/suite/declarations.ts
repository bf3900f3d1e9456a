/**
 * Declarations for kernels whose BTF has no types of these: that of 5.10 (pahole 1.19) lacks functions that
 * are written in assembler or exported by a header, per-CPU variables, and everything of modules; that of 6.1
 * for arm64 has those in assembler without parameters. They are used where the compiler asks.
 */
export const DECLARATIONS: Readonly<Record<string, string>> = {
  runqueues: 'extern struct rq runqueues;',
  cpu_info: 'extern struct cpuinfo_x86 cpu_info;',
  strlen: 'extern size_t strlen(const char *s);',
  strcmp: 'extern int strcmp(const char *a, const char *b);',
  sysfs_streq: 'extern bool sysfs_streq(const char *a, const char *b);',
  crc32_le: 'extern u32 crc32_le(u32 crc, const unsigned char *bytes, size_t length);',
  crc_ccitt: 'extern u16 crc_ccitt(u16 crc, const u8 *bytes, size_t length);',
  simple_strtol: 'extern long simple_strtol(const char *s, char **end, unsigned int base);',
  simple_strtoll: 'extern long long simple_strtoll(const char *s, char **end, unsigned int base);',
  simple_strtoull: 'extern unsigned long long simple_strtoull(const char *s, char **end, unsigned int base);',
  print_hex_dump:
    'extern void print_hex_dump(const char *level, const char *prefix, int type, int row, int group, const void *bytes, size_t length, bool ascii);',
  kstrtoint: 'extern int kstrtoint(const char *s, unsigned int base, int *result);',
  snprintf: 'extern int snprintf(char *to, size_t size, const char *format, ...);',
  'p9_errstr2errno@9pnet': 'extern int p9_errstr2errno@9pnet(char *text, int length);',
  'crc_itu_t@crc_itu_t': 'extern u16 crc_itu_t@crc_itu_t(u16 crc, const u8 *bytes, size_t length);',
};
