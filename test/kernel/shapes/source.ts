import type { DebianArch } from '../../../tools/machine/index.ts';
import type { ShapeFunction } from './functions.ts';
import { type ShapeType, STRUCTS } from './types.ts';

/** Name of the module. */
export const MODULE_NAME = 'fc_shapes';

const BEGIN = `#include <linux/kernel.h>
#include <linux/module.h>

/* What the last call got, and how many calls there were. */
char fc_seen[2048];
unsigned long fc_calls;
enum fc_colour { FC_RED = 3, FC_GREEN = -7, FC_BLUE = 0x10000 };
`;

const HELPERS = `
static __printf(1, 2) void seen(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vsnprintf(fc_seen, sizeof(fc_seen), format, list);
	va_end(list);
	fc_calls++;
}
`;

/**
 * Functions that no table describes: variable arguments, callbacks, pointers in and out, dirty upper bits.
 */
const BY_HAND = `
long fc_sum(int count, ...)
{
	va_list list;
	long sum = 0;
	int i;

	va_start(list, count);
	for (i = 0; i < count; i++)
		sum = sum * 10 + va_arg(list, long);
	va_end(list);
	seen("%d", count);
	return sum;
}

int fc_mixed_variadic(const char *format, ...)
{
	va_list list;
	int length;

	va_start(list, format);
	length = vsnprintf(fc_seen, sizeof(fc_seen), format, list);
	va_end(list);
	fc_calls++;
	return length;
}

u64 fc_double(u64 x) { fc_calls++; return 2 * x; }
u64 fc_apply(u64 (*callback)(u64), u64 x) { u64 y = callback(x); seen("%llu", x); return y + 1; }
u64 (*fc_pick(int which))(u64) { seen("%d", which); return which ? fc_double : NULL; }
int fc_swap(u64 *a, u64 *b) { u64 t = *a; *a = *b; *b = t; seen("%llu,%llu", *b, *a); return 0; }
void fc_fill(struct fc_large *to, u8 from) { to->a = from; to->b[3] = from + 1; to->c[4] = -from; seen("%d", from); }
long fc_total(const s16 *numbers, size_t count)
{
	long sum = 0;
	size_t i;

	for (i = 0; i < count; i++)
		sum += numbers[i];
	seen("%zu", count);
	return sum;
}
enum fc_colour fc_next(enum fc_colour from) { seen("%d", from); return from == FC_RED ? FC_GREEN : FC_BLUE; }

/* The compiler moves all of the register and leaves narrowing to the caller. */
u8 fc_dirty_u8(u64 x) { return x; }
s8 fc_dirty_s8(u64 x) { return x; }
u16 fc_dirty_u16(u64 x) { return x; }
s16 fc_dirty_s16(u64 x) { return x; }
`;

/** The same for 32 bits, where a compiler would narrow without need. */
const DIRTY_WORDS: Readonly<Record<DebianArch, string>> = {
  amd64: `
__attribute__((naked)) u32 fc_dirty_u32(u64 x) { asm volatile("mov %rdi, %rax; ret; int3"); }
__attribute__((naked)) int fc_dirty_int(u64 x) { asm volatile("mov %rdi, %rax; ret; int3"); }
`,
  arm64: `
u32 fc_dirty_u32(u64 x) { return x; }
int fc_dirty_int(u64 x) { return x; }
`,
};

const END = `
static int __init fc_init(void) { return 0; }
static void __exit fc_exit(void) { }
module_init(fc_init);
module_exit(fc_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("functions of every shape, for the tests of farcall");
`;

/** The module's source. */
export function moduleSource(functions: readonly ShapeFunction[], arch: DebianArch): string {
  const definitions = STRUCTS.map(({ definition }) => definition).join('\n');
  const byHand = [BY_HAND, DIRTY_WORDS[arch]];
  return [BEGIN, definitions, HELPERS, ...functions.map(functionSource), ...byHand, END].join('\n');
}

function functionSource({ name, parameters, returns, returned }: ShapeFunction): string {
  const list = parameters.map((type, index) => `${type.c} p${index}`).join(', ') || 'void';
  const leaves = parameters.flatMap((type, index) => type.leaves.map(leaf => `p${index}${leaf.path}`));
  const format = leaves.map(() => '%lld').join(',');
  const given = leaves.map(leaf => `, (long long)${leaf}`).join('');
  const end = returns ? ` return ${returns.literal(returned)};` : '';
  return `${resultType(returns)} ${name}(${list}) { seen("${format}"${given});${end} }`;
}

function resultType(type: ShapeType | undefined): string {
  return type?.c ?? 'void';
}

/** What the build system makes beside a module: struct module, vermagic, and the CRCs of what it imports. */
export function moduleTail(crcs: ReadonlyMap<string, number>): string {
  const versions = [...crcs].map(([name, crc]) => `\t{ 0x${crc.toString(16)}, "${name}" },`);
  return `#include <linux/module.h>
#define INCLUDE_VERMAGIC
#include <linux/vermagic.h>
MODULE_INFO(vermagic, VERMAGIC_STRING);
MODULE_INFO(name, KBUILD_MODNAME);
MODULE_INFO(depends, "");
MODULE_INFO(retpoline, "Y");
__visible struct module __this_module __section(".gnu.linkonce.this_module") = {
	.name = KBUILD_MODNAME, .init = init_module, .exit = cleanup_module, .arch = MODULE_ARCH_INIT };
${
  versions.length === 0
    ? ''
    : `static const struct modversion_info versions[] __used __section("__versions") = {\n${versions.join('\n')}\n};`
}
`;
}
