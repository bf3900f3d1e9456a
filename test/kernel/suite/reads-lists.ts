import { expect } from 'vitest';
import type { Need } from '../support/programs-in-guest.ts';
import { type Case, type CaseResults, cat, sh } from './case.ts';

/** Rows of a program against lines of a file. */
function sameRows(
  title: string,
  program: string,
  script: string,
  expected: (got: CaseResults) => readonly (readonly string[])[],
  needs: readonly Need[] = [],
): Case {
  return {
    area: 'reads',
    title,
    steps: { it: { program, needs }, file: sh(script) },
    check(got) {
      const lines = expected(got);
      expect(lines.length).toBeGreaterThan(0);
      expect(got.rows('it').sort()).toEqual([...lines].map(line => [...line]).sort());
    },
  };
}

const MODULES = 'extern struct list_head modules; struct module *m; list_for_each_entry(m, &modules, list) ';

/** /proc/modules: name size references users state address. */
function modulesWith(base: string, member: string): Case {
  return {
    area: 'reads',
    title: `the list of modules is /proc/modules, with addresses in ${member}`,
    steps: {
      it: {
        program: `${MODULES}report(m->name, m->state, (long)m->${base});`,
        needs: [{ member: `module.${member}` }],
      },
      file: cat('/proc/modules'),
    },
    check(got) {
      const ours = got.rows('it').filter(([name]) => !name!.startsWith('farcall'));
      const rows = ours.map(([name, state, address]) => [name, state, BigInt.asUintN(64, BigInt(address!))]);
      const lines = got.table('file').map(cells => [cells[0], 'MODULE_STATE_LIVE', BigInt(cells[5]!)]);
      expect(rows).toEqual(lines);
    },
  };
}

/** The mounts that process 1 sees, down to the third below its root. */
const MOUNTS = `struct mount *root = container_of(find_task(1)->fs->root.mnt, struct mount, mnt);
  struct mount *a; struct mount *b; struct mount *c;
  REPORT(root)
  list_for_each_entry(a, &root->mnt_mounts, mnt_child) {
    REPORT(a)
    list_for_each_entry(b, &a->mnt_mounts, mnt_child) {
      REPORT(b)
      list_for_each_entry(c, &b->mnt_mounts, mnt_child) REPORT(c)
    }
  }`.replaceAll(
  /REPORT\((\w+)\)/g,
  'report($1->mnt_id, $1->mnt_parent->mnt_id, $1->mnt.mnt_sb->s_dev >> 20, $1->mnt.mnt_sb->s_dev & 0xfffff, $1->mnt.mnt_sb->s_type->name, $1->mnt_devname);',
);

/** /proc/filesystems, from a chain whose links are in `member`. */
function fileSystems(member: string, program: string): Case {
  return sameRows(
    `the file system types, chained by ${member}, are /proc/filesystems`,
    program,
    'cat /proc/filesystems',
    got => got.table('file').map(cells => [cells.at(-1)!]),
    [{ member: `file_system_type.${member}` }],
  );
}

/** Lists that the kernel keeps, walked, against the files that it prints of them. */
export const LISTS: readonly Case[] = [
  modulesWith('core_layout.base', 'core_layout'),
  modulesWith('mem[0].base', 'mem'),
  {
    area: 'reads',
    title: 'the tree of mounts is /proc/1/mountinfo',
    steps: { it: MOUNTS, file: cat('/proc/1/mountinfo') },
    check(got) {
      // 36 35 98:0 /root /place options - type source options
      const lines = got.table('file').map(cells => {
        const [type, source] = cells.slice(cells.indexOf('-') + 1);
        return [cells[0], cells[1], ...cells[2]!.split(':'), type, source];
      });
      expect(lines.length).toBeGreaterThan(3);
      expect(got.rows('it').sort()).toEqual(lines.sort());
    },
  },
  {
    area: 'reads',
    title: 'the list of superblocks has every type that is mounted',
    steps: {
      it: 'extern struct list_head super_blocks; struct super_block *s; list_for_each_entry(s, &super_blocks, s_list) report(s->s_type->name);',
      file: cat('/proc/mounts'),
    },
    check(got) {
      const types = new Set(got.rows('it').flat());
      expect(got.table('file').filter(cells => !types.has(cells[2]!))).toEqual([]);
    },
  },
  fileSystems(
    'next',
    'extern struct file_system_type *file_systems; for (struct file_system_type *f = file_systems; f; f = f->next) report(f->name);',
  ),
  fileSystems(
    'list',
    'extern struct hlist_head file_systems; for (struct hlist_node *n = file_systems.first; n; n = n->next) report(container_of(n, struct file_system_type, list)->name);',
  ),
  {
    area: 'reads',
    title: 'network devices are those of /proc/net/dev and /sys/class/net',
    steps: {
      it: 'extern struct net init_net; struct net_device *d; list_for_each_entry(d, &init_net.dev_base_head, dev_list) report(d->name, d->ifindex, d->mtu);',
      files: sh('cd /sys/class/net && for d in *; do echo $d $(cat $d/ifindex $d/mtu); done'),
      names: sh("sed -n 's/^ *\\([^ :]*\\):.*/\\1/p' /proc/net/dev"),
    },
    check(got) {
      expect(got.rows('it').sort()).toEqual(got.table('files').sort());
      expect(got.rows('it').map(([name]) => name)).toEqual(got.output('names').split('\n'));
    },
  },
  sameRows(
    'network protocols are those of /proc/net/protocols',
    'extern struct list_head proto_list; struct proto *p; list_for_each_entry(p, &proto_list, node) report(p->name, p->obj_size);',
    'tail -n +2 /proc/net/protocols',
    got => got.table('file').map(([name, size]) => [name!, size!]),
  ),
  {
    area: 'reads',
    title: 'algorithms are those of /proc/crypto',
    steps: {
      it: 'extern struct list_head crypto_alg_list; struct crypto_alg *a; list_for_each_entry(a, &crypto_alg_list, cra_list) report(a->cra_name, a->cra_driver_name, a->cra_priority);',
      file: cat('/proc/crypto'),
    },
    check(got) {
      const blocks = got.output('file').trim().split('\n\n');
      const fields = (block: string): (string | undefined)[] =>
        ['name', 'driver', 'priority'].map(name => new RegExp(`^${name} *: (.*)$`, 'm').exec(block)?.[1]);
      expect(got.rows('it')).toEqual(blocks.map(fields));
    },
  },
  // IRQ_HIDDEN (include/linux/irq.h, v6.12) keeps those between CPUs out of the file, and chained ones have
  // no name.
  {
    area: 'reads',
    title: 'interrupts and their handlers are those of /proc/interrupts',
    steps: {
      it: {
        program:
          'for (int n = 0; n < 64; n++) { struct irq_desc *d = irq_to_desc(n); if (d && d->action && d->action->name && !(d->status_use_accessors & 1 << 20)) report(n, d->action->name); }',
        needs: [{ symbol: 'irq_to_desc' }],
      },
      file: sh("grep -E '^ *[0-9]+:' /proc/interrupts"),
    },
    check(got) {
      const lines = new Map(got.table('file').map(cells => [cells[0]!.replace(':', ''), cells.join(' ')]));
      const rows = got.rows('it');
      expect(rows.length).toBeGreaterThan(1);
      for (const [number, name] of rows) expect(lines.get(number!)).toContain(name);
    },
  },
  ...(['iomem', 'ioports'] as const).map(name => {
    const root = name === 'iomem' ? 'iomem_resource' : 'ioport_resource';
    return sameRows(
      `${root} is /proc/${name}`,
      `extern struct resource ${root}; for (struct resource *r = ${root}.child; r; r = r->sibling) report(r->start, r->end, r->name);`,
      `grep '^[0-9a-f]' /proc/${name}`,
      got =>
        got
          .output('file')
          .split('\n')
          .map(line => {
            const [, start, end, what] = /^(\w+)-(\w+) : (.*)$/.exec(line)!;
            return [String(BigInt(`0x${start}`)), String(BigInt(`0x${end}`)), what!];
          }),
    );
  }),
  sameRows(
    'miscellaneous devices are those of /proc/misc',
    'extern struct list_head misc_list; struct miscdevice *m; list_for_each_entry(m, &misc_list, list) report(m->minor, m->name);',
    'cat /proc/misc',
    got => got.table('file').map(([minor, name]) => [minor!, name!]),
  ),
  {
    area: 'reads',
    title: 'terminal drivers are those of /proc/tty/drivers',
    steps: {
      it: 'extern struct list_head tty_drivers; struct tty_driver *d; list_for_each_entry(d, &tty_drivers, tty_drivers) report(d->name, d->major);',
      file: cat('/proc/tty/drivers'),
    },
    check(got) {
      const text = got.output('file');
      const rows = got.rows('it');
      expect(rows.length).toBeGreaterThan(1);
      for (const [name, major] of rows) expect(text).toMatch(new RegExp(` /dev/${name} +${major} `));
    },
  },
];
