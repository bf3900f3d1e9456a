import { cat, ownSh, sh } from '../suite/case.ts';
import { inBackground, MOUNT, MOUNTED, PID_FILE } from '../suite/staging.ts';
import type { GuestStep } from '../support/programs-in-guest.ts';
import { quoted, recipe, START } from './staged.ts';

type Steps = Readonly<Record<string, GuestStep>>;

/** A file system, a process on it, and modules that recipes are about. */
export const STAGE: Steps = {
  load: ownSh('modprobe -a af_alg nf_conntrack esp4 nfsv4'),
  mount: MOUNT,
  start: START,
  disk: sh(`grep ${MOUNTED} /proc/mounts`),
  names: sh(
    `mkdir ${MOUNTED}/spool; for i in $(seq 40); do [ -e ${MOUNTED}/spool/$i ]; done; touch ${MOUNTED}/spool/there`,
  ),
};

/** Recipes that read of the process `pid` and the disk `disk`, and what /proc says of the same. */
export function readsOf(pid: string, disk: string): Steps {
  const of = { PID: pid };
  const on = { FILE_SYSTEM: quoted(disk) };
  return {
    ...recipes({
      'list-tasks': {},
      'process-files': of,
      'process-memory': of,
      'process-signals': of,
      'process-limits': of,
      'memory-lock': {},
      'mutex-holder': {},
      mounts: {},
      'file-system-users': on,
      'open-files': on,
      'deleted-files': {},
      'cached-files': on,
      'names-without-files': { DIRECTORY: quoted(`${MOUNTED}/spool`) },
      'disk-requests': { DISK: quoted(disk) },
      'block-devices': {},
      'tcp-sockets': {},
      'full-sockets': { LEAST_BYTES: '2000' },
      'unix-sockets': {},
      'net-devices': {},
      'net-namespaces': {},
      'page-pools': {},
      'socket-family-users': {},
      'memory-use': {},
      'slab-caches': { LEAST_BYTES: '262144' },
      'dying-cgroups': {},
      swap: {},
      modules: {},
      interrupts: {},
      'run-queues': {},
      workqueues: {},
      'read-setting': {},
      taint: {},
      'bpf-programs': {},
    }),
    maps: cat(`/proc/${pid}/maps`),
    limits: cat(`/proc/${pid}/limits`),
    netns: sh('readlink /proc/1/ns/net'),
    meminfo: cat('/proc/meminfo'),
    'proc-modules': cat('/proc/modules'),
    'proc-interrupts': cat('/proc/interrupts'),
    nproc: sh('nproc'),
    setting: cat('/proc/sys/kernel/panic'),
    tainted: cat('/proc/sys/kernel/tainted'),
    printk: cat('/proc/sys/kernel/printk'),
    message: sh('echo "a line for the recipe" >/dev/kmsg'),
    'kernel-log': recipe('kernel-log'),
  };
}

/** Recipes that change files and memory. */
export function fileActsOf(disk: string): Steps {
  const on = { FILE_SYSTEM: quoted(disk) };
  const below = { DIRECTORY: quoted(`${MOUNTED}/spool`) };
  return {
    'few-names': recipe('drop-names', { ...below, LEAST_NAMES: '41' }),
    'drop-names': recipe('drop-names', { ...below, LEAST_NAMES: '40' }),
    large: sh(`dd if=/dev/zero of=${MOUNTED}/one bs=64k count=4 2>/dev/null`),
    'sync-file-system': recipe('sync-file-system', on),
    'drop-file-cache': recipe('drop-file-cache', { FILE: quoted(`${MOUNTED}/one`) }),
    again: sh(`cat ${MOUNTED}/one >/dev/null`),
    'drop-page-cache': recipe('drop-page-cache', on),
    'cached-after': recipe('cached-files', { ...on, LEAST_PAGES: '32' }),
    'drop-slab': recipe('drop-slab'),
  };
}

const COUNTER = `extern unsigned int nf_conntrack_net_id@nf_conntrack;
atomic_add(3, &((struct nf_conntrack_net *)init_net.gen->ptr[nf_conntrack_net_id])->count);`;

const LEAK = `unsigned inum = 0;
for_each_process (t) if (!inum && t->mm && task_net(t) && task_net(t) != &init_net) { get_net(task_net(t)); inum = net_inum(task_net(t)); }
inum`;

/** A socket of AF_ALG, or why there is none. */
const ALG = `perl -e 'print socket(S, 38, 5, 0) ? "there" : $!'`;

/** Recipes that change the network. */
export const NETWORK_ACTS: Steps = {
  track: {
    program: 'extern int nf_ct_netns_get(struct net *net, u8 family); nf_ct_netns_get(&init_net, 1)',
    by: 'agent',
  },
  connect: sh(
    '(busybox nc -l -p 47831 >/dev/null </dev/null &); until grep -q :BAD7 /proc/net/tcp /proc/net/tcp6; do sleep 0.2; done; echo x | busybox nc 127.0.0.1 47831',
  ),
  'connection-count': recipe('connection-count'),
  'recount-right': recipe('recount-connections', { LEAST_WRONG: '1' }),
  spoil: { program: COUNTER, by: 'agent' },
  'recount-connections': recipe('recount-connections', { LEAST_WRONG: '1' }),
  untrack: {
    program: 'extern void nf_ct_netns_put(struct net *net, u8 family); nf_ct_netns_put(&init_net, 1);',
    by: 'agent',
  },
  'socket-family-off': recipe('socket-family-off'),
  refused: sh(ALG),
  'family-off-again': recipe('socket-family-off'),
  'af-alg-on': recipe('af-alg-on'),
  there: sh(ALG),
  'esp-off': recipe('esp-off'),
  'esp-off-again': recipe('esp-off'),
  'esp-on': recipe('esp-on'),
  'esp-on-again': recipe('esp-on'),
  namespace: inBackground(
    'busybox unshare -n sleep 300',
    `[ $(readlink /proc/$(cat ${PID_FILE})/ns/net) != $(readlink /proc/self/ns/net) ]`,
  ),
  leak: { program: LEAK, by: 'agent' },
  'end-namespace': sh(
    `kill $(cat ${PID_FILE}); while grep -q '^State:.[RSD]' /proc/$(cat ${PID_FILE})/status; do sleep 0.1; done 2>/dev/null; rm ${PID_FILE}`,
  ),
  leaked: recipe('net-namespaces'),
};

/** The leaked namespace is put, and what waits for a server of NFS that says nothing is ended. */
export function netAndRpcActs(namespace: string): Steps {
  return {
    'put-net-namespace': recipe('put-net-namespace', { NAMESPACE: namespace }),
    'put-again': recipe('put-net-namespace', { NAMESPACE: namespace }),
    server: sh(
      `mkdir -p /tmp/farcall-recipes.nfs; perl -MSocket -e 'socket(S, PF_INET, SOCK_STREAM, 0); bind(S, pack_sockaddr_in(2049, INADDR_LOOPBACK)); listen(S, 5); sleep 300' </dev/null >/dev/null 2>&1 & echo $! >${PID_FILE}.server; until grep -q :0801 /proc/net/tcp; do sleep 0.2; done`,
    ),
    client: inBackground(
      'busybox mount -t nfs4 -o vers=4.0,addr=127.0.0.1,clientaddr=127.0.0.1 127.0.0.1:/ /tmp/farcall-recipes.nfs',
      'grep -q " 0100007F:0801 01" /proc/net/tcp',
    ),
    'rpc-tasks': recipe('rpc-tasks'),
    'end-rpc-other': recipe('end-rpc-tasks', { SERVER: quoted('192.0.2.7') }),
    'end-rpc-tasks': recipe('end-rpc-tasks', { SERVER: quoted('127.0.0.1') }),
    'end-client': sh(`kill -9 $(cat ${PID_FILE} ${PID_FILE}.server); rm ${PID_FILE} ${PID_FILE}.server`),
  };
}

/** Recipes that change a task or a setting of the kernel, which is put back. */
export function kernelActsOf(pid: string): Steps {
  const debug = (flag: string) => ({ QUERY: quoted(`func kobject_add_internal ${flag}p`) });
  return {
    'renice-task': recipe('renice-task', { PID: pid }),
    nice: cat(`/proc/${pid}/stat`),
    'spare-from-oom': recipe('spare-from-oom', { PID: pid }),
    oom: cat(`/proc/${pid}/oom_score_adj`),
    'panic-timeout': recipe('panic-timeout'),
    'panic-after': cat('/proc/sys/kernel/panic'),
    'console-level': recipe('console-level'),
    'printk-after': cat('/proc/sys/kernel/printk'),
    'io-uring-off': recipe('io-uring-off'),
    'io-uring-after': cat('/proc/sys/kernel/io_uring_disabled'),
    lock: { program: 'extern u32 audit_enabled; audit_enabled = 2;', by: 'agent' },
    'audit-unlock': recipe('audit-unlock'),
    'audit-again': recipe('audit-unlock'),
    close: sh('cd /proc/sys/kernel; echo 1 >kexec_load_disabled; echo 1 >unprivileged_bpf_disabled'),
    'kexec-allow': recipe('kexec-allow'),
    kexec: cat('/proc/sys/kernel/kexec_load_disabled'),
    'kexec-again': recipe('kexec-allow'),
    'bpf-allow': recipe('bpf-allow'),
    bpf: cat('/proc/sys/kernel/unprivileged_bpf_disabled'),
    'bpf-again': recipe('bpf-allow'),
    'dynamic-debug': recipe('dynamic-debug', debug('+')),
    'debug-off': recipe('dynamic-debug', debug('-')),
    'clock-was-set': recipe('clock-was-set'),
  };
}

/** Puts back what /proc/sys showed: `panic` and `printk` as they were. */
export const putBack = (panic: string, printk: string): Steps => ({
  back: sh(
    `cd /proc/sys/kernel; echo ${panic} >panic; echo ${printk} >printk; echo 0 >io_uring_disabled; echo 2 >unprivileged_bpf_disabled`,
  ),
  audit: { program: 'extern u32 audit_enabled; audit_enabled = 0;', by: 'agent' },
});

/** A file system is frozen, and somebody waits to write to it. */
export const FROZEN: Steps = {
  freeze: sh(`busybox fsfreeze --freeze ${MOUNTED}`),
  writer: inBackground(
    `busybox sh -c 'echo written >${MOUNTED}/file'`,
    `grep -q ') D ' /proc/$(cat ${PID_FILE})/stat`,
  ),
  'writer-pid': sh(`cat ${PID_FILE}`),
  'frozen-file-systems': recipe('frozen-file-systems'),
  'blocked-tasks': recipe('blocked-tasks'),
};

function recipes(named: Readonly<Record<string, Readonly<Record<string, string>>>>): Steps {
  return Object.fromEntries(Object.entries(named).map(([name, values]) => [name, recipe(name, values)]));
}
