/* What an allocation may do. */

/** May wait and write to disks and file systems: for a program in a task, which may sleep. */
#define GFP_KERNEL 0xcc0

/** May not wait. */
#if __has_enumerator(___GFP_IO_BIT)
#define GFP_ATOMIC 0x820
#else
#define GFP_ATOMIC 0xa20
#endif

/** GFP_KERNEL for what belongs to a process. */
#define GFP_USER 0x100cc0

/** Neither starts to write to disks nor enters file systems. */
#define GFP_NOIO 0xc00

/** Does not enter file systems. */
#define GFP_NOFS 0xc40

/** The memory is set to zero. */
#define __GFP_ZERO 0x100
