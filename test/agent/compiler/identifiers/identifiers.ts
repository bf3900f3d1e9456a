import { readFileSync } from 'node:fs';

/** An identifier of the kernel, and what becomes of a program that uses it. */
export interface KnownIdentifier {
  readonly name: string;
  /** One line, as people who know the kernel would write it. Nobody runs it: addresses are made up. */
  readonly program: string;
  /** What the message says instead where farcall refuses it on every kernel. */
  readonly refused: RegExp | undefined;
  /** What it says on kernels that lack the thing. */
  readonly lacking: RegExp | undefined;
}

const REFUSED: ReadonlyMap<string, RegExp> = new Map([
  ['local_irq_save', /write guard\(irqsave\)/],
  ['preempt_disable', /write guard\(preempt\)/],
  ['set_current_state', /call a function that waits, such as msleep\(\)/],
  ['iget', /use ilookup\(super, number\)/],
  ['symbol_get', /write the name; farcall finds it/],
  ['copy_from_user', /access_process_vm\(\) reads the memory of one/],
  ['copy_to_user', /access_process_vm\(\) writes the memory of one/],
]);

const LACKING: ReadonlyMap<string, RegExp> = new Map([
  ['_printk', /before Linux 5.15 it is printk/],
  ['sysrq_handle', /write __handle_sysrq/],
  ...['nf_ct_iterate_cleanup_net', 'usb_reset_device'].map(
    name => [name, /in a module that is not loaded/] as const,
  ),
  ['get_super', /find_super_block\("vda1"\) finds/],
  ['text_poke', /farcall patches no code/],
  ...['mtree_load', 'mt_find'].map(name => [name, /it has no maple trees; for_each_vma_of/] as const),
  ['mas_for_each', /has no 'struct ma_state'/],
  ['folio_put', /has no 'struct folio'/],
  ...[
    'spin_lock',
    'spin_unlock',
    '_raw_spin_lock',
    '_raw_spin_unlock',
    'read_lock',
    'write_lock',
    'spin_lock_irqsave',
    '_raw_spin_lock_irqsave',
    '_raw_spin_unlock_irqrestore',
  ].map(name => [name, /inline only(; write guard\(\w+\)|, and farcall has no lock functions)/] as const),
  ...['virt_to_page', 'page_address', 'page_to_pfn', 'pfn_to_page'].map(
    name => [name, /does not tell where its page structures begin/] as const,
  ),
  ['virt_to_phys', /does not tell where its memory begins/],
]);

/** Identifiers that people who look into kernels type on any day: those of `identifiers.txt`. */
export const IDENTIFIERS: readonly KnownIdentifier[] = readFileSync(
  new URL('identifiers.txt', import.meta.url),
  'utf8',
)
  .trimEnd()
  .split('\n')
  .map(line => {
    const [, name, program] = /^(\w+): (.+)$/.exec(line)!;
    return { name: name!, program: program!, refused: REFUSED.get(name!), lacking: LACKING.get(name!) };
  });
