// Runs modules in user space: loads each .ko as a kernel's module loader does, calls its init function in a process of its
// own, or with --together all of them in this one, and writes what it copied out and what it left behind. The functions that
// modules call are in kernel.h.
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "kernel.h"

enum { AREA_BYTES = 256 << 10, MODULE_BYTES = 16 << 20, FILE_BYTES = 8 << 20, GIVE_UP_S = 600 };

struct outcome {
  long returned;
  long status;
  struct leftover leftover;
  unsigned long area_bytes;
  char area[AREA_BYTES];
};

static struct outcome *outcome;

#ifdef __aarch64__
struct exception_table_entry {
  int insn, fixup;
  short type, data;
};
#define IS_PLAIN(entry) ((entry)->type == 3 && (entry)->data == (31 | 31 << 5))
#define PC(context) ((context)->uc_mcontext.pc)
/** Flags, and PROT_BTI: an indirect call must land on bti. */
#define MODULE_MEMORY 0, 0x10
enum { ABS64 = R_AARCH64_ABS64 };
#else
struct exception_table_entry {
  int insn, fixup, data;
};
#define IS_PLAIN(entry) ((entry)->data == 1)
#define PC(context) ((context)->uc_mcontext.gregs[REG_RIP])
/** Flags: within 2 GB of what it calls. */
#define MODULE_MEMORY MAP_32BIT, 0
enum { ABS64 = R_X86_64_64 };
#endif
struct exception_table_entry *exceptions;
static unsigned long exception_count;

struct module {
  char name[56];
  int (*init)(void);
};
struct module a_module;

long copy_to_user_nofault(void *to, const void *from, unsigned long size) {
  (void)to;
  memcpy(outcome->area, from, size);
  outcome->area_bytes = size;
  return 0;
}

static int is_user(unsigned long address) { return address < 0x10000; }

static sigjmp_buf nofault;
static volatile int is_nofault;

static long copy_nofault(void *to, const void *from, unsigned long size) {
  if (sigsetjmp(nofault, 1)) {
    is_nofault = 0;
    return -EFAULT;
  }
  is_nofault = 1;
  memcpy(to, from, size);
  is_nofault = 0;
  return 0;
}

long copy_from_kernel_nofault(void *to, const void *from, unsigned long size) {
  return is_user((unsigned long)from) ? -ERANGE : copy_nofault(to, from, size);
}

long copy_to_kernel_nofault(void *to, const void *from, unsigned long size) {
  // What a kernel with SMAP does here is an oops.
  if (is_user((unsigned long)to)) abort();
  return copy_nofault(to, from, size);
}

long strncpy_from_kernel_nofault(char *to, const void *from, long count) {
  for (long at = 0; at < count; at++) {
    if (copy_from_kernel_nofault(to + at, (const char *)from + at, 1)) return -EFAULT;
    if (to[at] == 0) return at + 1;
  }
  to[count - 1] = 0;
  return count;
}

static void on_fault(int signal, siginfo_t *info, void *context) {
  unsigned long pc = PC((ucontext_t *)context);
  (void)signal, (void)info;
  if (is_nofault) siglongjmp(nofault, 1);
  for (unsigned long at = 0; at < exception_count; at++) {
    struct exception_table_entry *entry = &exceptions[at];
    if ((unsigned long)&entry->insn + entry->insn != pc) continue;
    if (!IS_PLAIN(entry)) abort();
    PC((ucontext_t *)context) = (unsigned long)&entry->fixup + entry->fixup;
    return;
  }
  _exit(99);
}

static void catch_faults(void) {
  struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
  sigaction(SIGSEGV, &action, 0);
}

/** What a kernel's module loader does: S + A to where it is asked for, or S + A - P. */
static void relocate(char *place, unsigned type, unsigned long value) {
  int distance = value - (unsigned long)place;
  if (type == ABS64) {
    memcpy(place, &value, 8);
    return;
  }
#ifdef __aarch64__
  if (type != R_AARCH64_PREL32) {
    static const unsigned types[] = {R_AARCH64_MOVW_UABS_G0_NC, R_AARCH64_MOVW_UABS_G1_NC,
                                     R_AARCH64_MOVW_UABS_G2_NC, R_AARCH64_MOVW_UABS_G3};
    for (int part = 0; part < 4; part++)
      if (types[part] == type) *(unsigned *)place |= (value >> 16 * part & 0xffff) << 5;
    return;
  }
#endif
  memcpy(place, &distance, 4);
}

typedef int init_function(void);

/** Of the module that was loaded last. */
static char *loaded, *loaded_file;

static init_function *load(const char *path) {
  int fd = open(path, O_RDONLY);
  char *file = mmap(0, FILE_BYTES, PROT_READ, MAP_PRIVATE, fd, 0);
  Elf64_Ehdr *header = (void *)file;
  Elf64_Shdr *sections = (void *)(file + header->e_shoff);
  char *names = file + sections[header->e_shstrndx].sh_offset;
  const int kind[] = {MODULE_MEMORY};
  char *memory = mmap(0, MODULE_BYTES, PROT_READ | PROT_WRITE | PROT_EXEC | kind[1],
                      MAP_PRIVATE | MAP_ANONYMOUS | kind[0], -1, 0);
  char *at[64] = {0}, *start = memory;
  for (int index = 1; index < header->e_shnum; index++) {
    if (!(sections[index].sh_flags & SHF_ALLOC)) continue;
    at[index] = memory;
    if (sections[index].sh_type != SHT_NOBITS)
      memcpy(memory, file + sections[index].sh_offset, sections[index].sh_size);
    if (!strcmp(names + sections[index].sh_name, "__ex_table")) {
      exceptions = (void *)memory;
      exception_count = sections[index].sh_size / sizeof(struct exception_table_entry);
    }
    // Pages of their own: an emulator is slow where data and code share one.
    memory += (sections[index].sh_size + 0xffff) & ~0xfffful;
  }
  init_function *init = 0;
  for (int index = 1; index < header->e_shnum; index++) {
    if (sections[index].sh_type != SHT_RELA) continue;
    Elf64_Sym *symbols = (void *)(file + sections[sections[index].sh_link].sh_offset);
    Elf64_Rela *relas = (void *)(file + sections[index].sh_offset);
    for (unsigned long each = 0; each < sections[index].sh_size / sizeof *relas; each++) {
      Elf64_Sym *symbol = &symbols[ELF64_R_SYM(relas[each].r_info)];
      unsigned long value = symbol->st_value + relas[each].r_addend;
      if (symbol->st_shndx != SHN_ABS) value += (unsigned long)at[symbol->st_shndx];
      relocate(at[sections[index].sh_info] + relas[each].r_offset, ELF64_R_TYPE(relas[each].r_info), value);
      if (ELF64_R_TYPE(relas[each].r_info) == ABS64) init = (init_function *)value;
    }
  }
  __builtin___clear_cache(start, memory);
  close(fd);
  loaded = start;
  loaded_file = file;
  return init;
}

static void run(const char *path) {
  memset(outcome, 0, offsetof(struct outcome, area));
  pid_t child = fork();
  if (child == 0) {
    catch_faults();
    alarm(GIVE_UP_S);
    set_up();
    outcome->returned = load(path)();
    leave_behind(&outcome->leftover);
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  outcome->status = status;
  fwrite(outcome, offsetof(struct outcome, area) + outcome->area_bytes, 1, stdout);
}

/** One after the other in this process: an emulator then translates what they have in common once. */
static void run_together(char **paths) {
  catch_faults();
  set_up();
  for (; *paths; paths++) {
    memset(outcome, 0, offsetof(struct outcome, area));
    outcome->returned = load(*paths)();
    leave_behind(&outcome->leftover);
    fwrite(outcome, offsetof(struct outcome, area) + outcome->area_bytes, 1, stdout);
    munmap(loaded, MODULE_BYTES);
    munmap(loaded_file, FILE_BYTES);
  }
}

/** What programs find before they run, for whoever reads it without running them: an address, and bytes from there on. */
static void dump(void) {
  extern char __executable_start[], _end[];
  struct iovec pieces[] = {{__executable_start, _end - __executable_start}, {read_only, 4096}};
  for (int each = 0; each < 2; each++) {
    unsigned long head[] = {(unsigned long)pieces[each].iov_base, pieces[each].iov_len};
    fwrite(head, sizeof head, 1, stdout);
    for (unsigned long at = 0; at < head[1]; at += 4096) {
      static char page[4096];
      unsigned long bytes = head[1] - at < 4096 ? head[1] - at : 4096;
      memset(page, 0, sizeof page);
      copy_from_kernel_nofault(page, (char *)head[0] + at, bytes);
      fwrite(page, bytes, 1, stdout);
    }
  }
}

int main(int count, char **paths) {
  if (count == 1) {
    catch_faults();
    set_up();
    dump();
    return 0;
  }
  outcome = mmap(0, sizeof *outcome, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (!strcmp(paths[1], "--together")) run_together(&paths[2]);
  else
    for (int each = 1; each < count; each++) run(paths[each]);
  return 0;
}
