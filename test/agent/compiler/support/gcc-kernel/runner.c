// Runs modules in user space: loads each .ko as a kernel's module loader does, calls its init function in a process of its
// own, and writes what it copied out and what it left behind. The functions that modules call are in kernel.h.
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
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

enum { AREA_BYTES = 256 << 10 };

struct outcome {
  long returned;
  long status;
  struct leftover leftover;
  unsigned long area_bytes;
  char area[AREA_BYTES];
};

static struct outcome *outcome;

struct exception_table_entry {
  int insn, fixup, data;
};
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

long copy_from_kernel_nofault(void *to, const void *from, unsigned long size) {
  struct iovec local = {to, size}, remote = {(void *)from, size};
  if (is_user((unsigned long)from)) return -ERANGE;
  return process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == (ssize_t)size ? 0 : -EFAULT;
}

long copy_to_kernel_nofault(void *to, const void *from, unsigned long size) {
  struct iovec local = {(void *)from, size}, remote = {to, size};
  // What a kernel with SMAP does here is an oops.
  if (is_user((unsigned long)to)) abort();
  return process_vm_writev(getpid(), &local, 1, &remote, 1, 0) == (ssize_t)size ? 0 : -EFAULT;
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
  greg_t *rip = &((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
  (void)signal, (void)info;
  for (unsigned long at = 0; at < exception_count; at++) {
    struct exception_table_entry *entry = &exceptions[at];
    if ((long)&entry->insn + entry->insn != *rip) continue;
    if (entry->data != 1) abort();
    *rip = (long)&entry->fixup + entry->fixup;
    return;
  }
  _exit(99);
}

typedef int init_function(void);

static init_function *load(const char *path) {
  int fd = open(path, O_RDONLY);
  char *file = mmap(0, 8 << 20, PROT_READ, MAP_PRIVATE, fd, 0);
  Elf64_Ehdr *header = (void *)file;
  Elf64_Shdr *sections = (void *)(file + header->e_shoff);
  char *names = file + sections[header->e_shstrndx].sh_offset;
  char *memory = mmap(0, 2 << 20, PROT_READ | PROT_WRITE | PROT_EXEC,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
  char *at[64] = {0};
  for (int index = 1; index < header->e_shnum; index++) {
    if (!(sections[index].sh_flags & SHF_ALLOC)) continue;
    at[index] = memory;
    if (sections[index].sh_type != SHT_NOBITS)
      memcpy(memory, file + sections[index].sh_offset, sections[index].sh_size);
    if (!strcmp(names + sections[index].sh_name, "__ex_table")) {
      exceptions = (void *)memory;
      exception_count = sections[index].sh_size / sizeof(struct exception_table_entry);
    }
    memory += (sections[index].sh_size + 63) & ~63ul;
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
      char *place = at[sections[index].sh_info] + relas[each].r_offset;
      if (ELF64_R_TYPE(relas[each].r_info) == R_X86_64_64) {
        memcpy(place, &value, 8);
        init = (init_function *)value;
      } else {
        int distance = value - (unsigned long)place;
        memcpy(place, &distance, 4);
      }
    }
  }
  return init;
}

static void run(const char *path) {
  memset(outcome, 0, offsetof(struct outcome, area));
  pid_t child = fork();
  if (child == 0) {
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &action, 0);
    alarm(5);
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
    set_up();
    dump();
    return 0;
  }
  outcome = mmap(0, sizeof *outcome, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  for (int each = 1; each < count; each++) run(paths[each]);
  return 0;
}
