/** A wrong program, and the whole of what its author is told: the first line behind the place. */
export type WrongProgram = readonly [program: string, place: string, message: string];

/** What people write by mistake, with the message that helps them on. */
export const WRONG_PROGRAMS: readonly WrongProgram[] = [
  ['int x = 5 report(x);', '1:11', "expected ';' after the declaration, found 'report'"],
  ['struct task_struct *t = find_task(1); t.pid', '1:41', 'struct task_struct * is a pointer; write ->pid'],
  ['struct path p = find_path("/etc"); p->dentry', '1:39', 'struct path is not a pointer; write .dentry'],
  [
    'find_task(1)->comn',
    '1:15',
    "struct task_struct has no member 'comn'; did you mean 'comm' or 'mm' or 'cred'?",
  ],
  [
    'extern struct mutex module_mutex; mutex_lock(module_mutex);',
    '1:46',
    "argument 1 of 'mutex_lock': expected struct mutex *, found a value of type struct mutex; write & before it: void mutex_lock(struct mutex *lock)",
  ],
  [
    'wake_up_process();',
    '1:1',
    "'wake_up_process' takes 1 argument, not 0: int wake_up_process(struct task_struct *p)",
  ],
  [
    'wake_up_process(1);',
    '1:17',
    "argument 1 of 'wake_up_process': expected struct task_struct *, found the number 1; find_task(pid) gives the task with a number: int wake_up_process(struct task_struct *p)",
  ],
  ['msleep(1, 2);', '1:1', "'msleep' takes 1 argument, not 2: void msleep(unsigned int msecs)"],
  [
    'struct task_struct t = find_task(1);',
    '1:24',
    'expected struct task_struct, found a value of type struct task_struct *; write * before it, or declare a pointer: struct task_struct *',
  ],
  [
    'task_struct *t = find_task(1);',
    '1:1',
    "this kernel has no type 'task_struct'; write struct task_struct",
  ],
  [
    'let x = 5;',
    '1:1',
    "C has no 'let': a variable is declared with its type, as in int x = 5; or auto x = 5;",
  ],
  [
    'fn look() { report(1); }',
    '1:1',
    "C has no 'fn': a function is written as in static int f(int x) { return x; }",
  ],
  [
    'for t in tasks: print(t.pid)',
    '1:5',
    "expected '(' after for, found 't'; loops are for (int i = 0; i < n; i++), while (…), for_each_task (t), list_for_each_entry (…)",
  ],
  [
    'int x = 1; if (x and 1) report(x);',
    '1:18',
    "expected ')' after the condition of if, found 'and'; write &&",
  ],
  [
    'int x = 1; if (x) report(x); elif (1) report(2);',
    '1:39',
    "expected ';' after the expression, found 'report'; C has no 'elif': write else if (…)",
  ],
  [
    'BEGIN { report(1); }',
    '1:1',
    "C has no 'BEGIN': a program runs once from its beginning to its end; watch (function, a, b) … waits for a function",
  ],
  ['report "text";', '1:8', "expected ';' after the expression, found a string; a call is written report(…)"],
  ['report(1));', '1:10', "expected ';' after the expression, found ')'; nothing before it opens this )"],
  ['if (1) { report(1);', '1:20', 'expected } for the { before, found the end of the program'],
  [
    'static int look(void) { return 5; }',
    '1:12',
    "nothing calls 'look': the statements of a program stand outside of its functions; end it with look(…);",
  ],
  [
    'printf("hello\\n");',
    '1:1',
    "this kernel has no function 'printf'; report(value, …) adds a row to the result, and printk() writes to the kernel log",
  ],
  [
    'pr_info("%d %d\\n", 1);',
    '1:1',
    "'_printk' is given 1 value, and its format takes 2: nothing is there for %d",
  ],
  [
    'printk("%s\\n", 5);',
    '1:16',
    '%s reads memory at the address that it is given, and this is a number: int',
  ],
  [
    'int value = 1; vlaue + 1',
    '1:16',
    "this kernel has no function, enumerator or symbol 'vlaue'; did you mean 'value'? (it may also be inlined everywhere, or be in a module that is not loaded)",
  ],
  [
    'char b[16]; copy_from_user(b, 0x400000, 16);',
    '1:13',
    "a program runs in no user's process; access_process_vm() reads the memory of one",
  ],
  [
    'guard(spinlock)(&find_task(1)->alloc_lock); msleep(5);',
    '1:45',
    "'msleep' sleeps, which nothing may do while a spin lock is held (guard(spinlock), line 1)",
  ],
  [
    'static int f(int n) { return n ? f(n - 1) : 0; } f(3)',
    '1:34',
    'a function cannot come back to itself by its calls: f -> f',
  ],
  ['sizeof(struct fuse_dev_unknown)', '1:8', "this kernel has no 'struct fuse_dev_unknown'"],
  [
    'kmalloc(64, GFP_KERNAL);',
    '1:13',
    "this kernel has no function, enumerator or symbol 'GFP_KERNAL'; did you mean 'GFP_KERNEL'? (it may also be inlined everywhere, or be in a module that is not loaded)",
  ],
  [
    'for_each_procces(t) report(t);',
    '1:21',
    "expected ';' after the expression, found 'report'; there is no loop 'for_each_procces'",
  ],
  ['1.5 * 2', '1:1', 'call programs cannot use floating-point numbers'],
  [
    '#include <stdio.h>\nreport(1);',
    '1:10',
    "farcall has no header 'stdio.h'; the types and functions of this kernel need none",
  ],
  ['"a" + "b"', '1:5', 'C does not define + for char * and char *'],
  ['asm("nop");', '1:1', "call programs have no 'asm': machine code would escape every check"],
  [
    'usb_reset_device(0);',
    '1:1',
    "this kernel has no function 'usb_reset_device' (it may be inlined everywhere, or be in a module that is not loaded)",
  ],
  [
    'preempt_disable(); preempt_enable();',
    '1:1',
    'preemption stays on in a program; write guard(preempt)(); which keeps it off to the end of the block',
  ],
  [
    'tcp_ack.isra.0(0);',
    '1:9',
    "'tcp_ack.isra' is a clone that the compiler made of 'tcp_ack': its parameters are not those of the source, so nobody knows how to call it",
  ],
  ['goto out;', '1:1', "the program has no label 'out'"],
  [
    'const int x = 5; x = 6;',
    '1:20',
    'const int is const; to write to it nevertheless, cast a pointer: *(type *)&x = ...',
  ],
];

/** What is compiled, with a warning. */
export const WARNED_PROGRAMS: readonly WrongProgram[] = [
  ['int x = 0; if (x = 1) report(x);', '1:18', '= assigns, and this is always the same; == compares'],
  ['int a[3]; a[5] = 1;', '1:12', 'this is outside of its variable, which has 12 bytes'],
  ['find_task(1)->comm == "init"', '1:20', '== compares addresses; strcmp(a, b) == 0 compares texts'],
  ['printk("%d\\n", 5L);', '1:16', '%d takes 32 bits, and this is long'],
  ['printk("one\\n", 5);', '1:1', "'_printk' is given 1 value, and its format takes 0"],
  ['printk("%p\\n", 5L * 3);', '1:19', '%p takes a pointer, and this is long'],
];
