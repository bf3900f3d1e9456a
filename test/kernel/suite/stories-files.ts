import { expect } from 'vitest';
import { type Case, sh } from './case.ts';
import { inBackground, MOUNT, MOUNTED, PID_FILE, UNMOUNT } from './staging.ts';

/** Lists file systems that are frozen, completely or on the way. */
const FROZEN = `struct super_block *s;
for_each_super_block (s) if (sb_frozen(s)) report(s->s_id, s->s_type->name, sb_frozen(s));`;

/** Thaws whatever is frozen completely, whatever this kernel calls that. */
const THAW = `int n = 0; struct super_block *s;
for_each_super_block (s)
  if (sb_frozen(s) == 4) {
#if __has_parameters(thaw_super, 1)
    thaw_super(s);
#elif __has_parameters(thaw_super, 2)
    thaw_super(s, FREEZE_HOLDER_USERSPACE);
#else
    thaw_super(s, FREEZE_HOLDER_USERSPACE, NULL);
#endif
    n++;
  }
n`;

/** Whom nothing wakes but what they wait for: the state, and where in the kernel. */
const BLOCKED = `for_each_task (t) if (task_is_blocked(t)) { report(t->pid, t->comm, task_state(t)); stack(t); }`;

/** Stories of files and file systems. */
export const FILE_STORIES: readonly Case[] = [
  {
    area: 'library',
    title: 'a story: a file system was left frozen, somebody waits to write, and one text finds and thaws it',
    steps: {
      mount: MOUNT,
      freeze: sh(`busybox fsfreeze --freeze ${MOUNTED}`),
      writer: inBackground(
        `busybox sh -c 'echo written >${MOUNTED}/file'`,
        `grep -q ') D ' /proc/$(cat ${PID_FILE})/stat`,
      ),
      pid: sh(`cat ${PID_FILE}`),
      frozen: { program: FROZEN, by: 'agent' },
      blocked: { program: BLOCKED, by: 'agent' },
      stack: sh(`cat /proc/$(cat ${PID_FILE})/stack`),
      thaw: { program: THAW },
      written: sh(
        `busybox fsfreeze --unfreeze ${MOUNTED} 2>/dev/null; until [ -s ${MOUNTED}/file ]; do sleep 0.2; done; cat ${MOUNTED}/file`,
      ),
      after: { program: FROZEN, by: 'agent' },
      end: sh(`rm ${PID_FILE}`),
      unmount: UNMOUNT,
    },
    check(got) {
      for (const step of ['mount', 'freeze', 'writer'] as const) got.output(step);
      expect(got.rows('frozen').map(([, ...rest]) => rest.map(String))).toEqual([['ext4', '4']]);
      const pid = got.output('pid').trim();
      const rows = got.result('blocked').rows!.filter(({ values }) => values[0]!.integer === pid);
      const symbols = rows.flatMap(({ values }) => values[1]!.symbol?.split('+')[0] ?? []);
      const inFile = [...got.output('stack').matchAll(/^\[<0>\] (\w+)/gm)].map(([, name]) => name!);
      expect(inFile.length).toBeGreaterThan(2);
      expect(symbols).toEqual(expect.arrayContaining(inFile.slice(0, 3)));
      expect(got.integer('thaw')).toBe(1n);
      expect(got.output('written')).toBe('written');
      expect(got.rows('after')).toEqual([]);
    },
  },
  {
    area: 'library',
    title: 'a story: the pages of one file are dropped, and those of others stay',
    steps: {
      mount: MOUNT,
      write: sh(
        `dd if=/dev/zero of=${MOUNTED}/one bs=64k count=4 2>/dev/null; cp ${MOUNTED}/one ${MOUNTED}/other; sync`,
      ),
      it: {
        program: `struct file *f = filp_open("${MOUNTED}/one", 0, 0), *other = filp_open("${MOUNTED}/other", 0, 0);
if (IS_ERR(f) || IS_ERR(other)) return -1;
unsigned long before = f->f_mapping->nrpages;
invalidate_mapping_pages(f->f_mapping, 0, ~0UL);
report(before, f->f_mapping->nrpages, other->f_mapping->nrpages, $PAGE_KIB);
filp_close(f, NULL);
filp_close(other, NULL);
0`,
      },
      unmount: UNMOUNT,
    },
    check(got) {
      const [[before, after, other, pageKib]] = got.rows('it').map(row => row.map(Number)) as [
        [number, number, number, number],
      ];
      // A kernel may have read on.
      expect(before).toBeGreaterThanOrEqual(256 / pageKib);
      expect(other).toBeGreaterThanOrEqual(256 / pageKib);
      expect(after).toBe(0);
    },
  },
  {
    area: 'library',
    title: 'a story: names that no file has are counted below a directory, and go if there are many',
    steps: {
      mount: MOUNT,
      ask: sh(`mkdir ${MOUNTED}/spool; for i in $(seq 40); do [ -e ${MOUNTED}/spool/$i ]; done; true`),
      file: sh(`touch ${MOUNTED}/spool/there`),
      it: {
        program: `struct path at = find_path("${MOUNTED}/spool"); struct dentry *d;
unsigned negative = 0, all = 0, after = 0;
for_each_dentry_child (d, at.dentry) { all++; if (d_is_negative(d)) negative++; }
if (negative >= 40) shrink_dcache_parent(at.dentry);
for_each_dentry_child (d, at.dentry) if (d_is_negative(d)) after++;
report(all, negative, after);`,
      },
      unmount: UNMOUNT,
    },
    check: got => expect(got.rows('it').map(row => row.map(Number))).toEqual([[41, 40, 0]]),
  },
];
