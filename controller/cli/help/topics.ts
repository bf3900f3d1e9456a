import { FACT_NAMES } from '../../../shared/messages/index.ts';
import { OUTCOMES } from '../../../shared/outcome/index.ts';
import { exitLines } from '../core/index.ts';
import { wrap } from '../output/index.ts';

/** A page of help that belongs to no single command. */
export interface Topic {
  readonly summary: string;
  readonly text: () => string;
}

const selectors = (): string => `Selectors choose hosts, in --hosts and in farcall hosts

  env=prod,kernel~6.1,arch=x86_64,!canary      all of these conditions
  kernel~6.1                                   6.1 or 6.1.anything, but not 6.10
  env=prod|test      env in (prod,test)        one of several values
  env!=prod          env not in (prod,test)    none of these values, or no such label
  canary             !canary                   the host has the label, or does not have it
  host=web-*         @web-1,@web-2             by name: with * and ?, or as a list
  (env=test | (canary)),!role=db               | means or, the comma means and, ! means not; ( ) group
  *                                            every host

Labels are set when a host is enrolled; farcall host label changes them. Facts are what a host reports about itself:
${wrap(`  ${FACT_NAMES.join(', ')}`, { columns: 78, hang: 2 }).join('\n')}
The values of signing are enforced and off; of modules: on and off; of lockdown: none, integrity and confidentiality;
of secureboot: on, off and unknown. trusts is the id or the name of a key by which the kernel verifies modules.

A request keeps the hosts that match when it is made. Their number and names are signed. Quote selectors, because a
shell interprets ! | ( and *.

  farcall hosts 'env=prod,kernel~6.1'          lists the hosts that match now`;

const programs = (): string => `What a program can contain

The language is C11, as far as it makes sense in a kernel. Each host compiles the program against the types of its own
kernel. The value of the last expression is the result:

  _printk("Hello, world %d\\n", 1234)

  struct task_struct *t = find_task(4242);    if there is no such task, the program ends as skipped
  require(t->__state & 2);                    if false, the program ends as skipped
  wake_up_process(t)

  for_each_task (t) if (t->__state & 2) report(t->pid, t->comm);    many rows from one host

  extern struct uts_namespace init_uts_ns;    the address is that of the symbol, the type is that of the declaration
  init_uts_ns.name.nodename[0] = 'x';         a write

  guard(rcu)(); scoped_guard(mutex, &m) { … }     locks as scopes: given back however the program ends
  watch (tcp_retransmit_skb, sk) for_ms (20000) until (1) hit();    stops until the function is entered
  watch_return (vfs_fsync_range, ret) for_ms (20000) report(ret, elapsed_ns());    or returns
  deny (alg_bind, -EPERM) for_days (7) while (current->pid > 1);    stays: it returns at once

Functions of the program, macros, #if with __has_symbol(…) and __has_member(…), and a library of headers named as the
kernel's (linux/list.h, linux/sched.h …) are there; farcall functions and the console complete names. Floating point and
asm are not. A bad pointer ends the call as faulted and does not harm the host. Loops have fuel: a limit of iterations.
The guide of programs, docs/guide/programs.md, has all of it.

The program is the argument, --file FILE, or standard input (-). If you give none, you write it in VISUAL or EDITOR.
  farcall plan 'PROGRAM' --hosts SELECTOR     prints what it would do, and runs nothing

Each host of a request ends with one of these outcomes:
${Object.entries(OUTCOMES)
  .flatMap(([name, { meaning }]) => wrap(`  ${name.padEnd(15)} ${meaning}`, { columns: 100, hang: 18 }))
  .join('\n')}`;

const waves = (): string => `Waves: a request that goes through its hosts in steps

Without --wave, an approved request goes to all of its hosts at once. With --wave, it goes in waves:

  farcall request --file fix.c --hosts env=prod --reason CVE-1 --expires 6h \\
    --wave 'role=canary; bake 30m; manual' --wave 10% --wave rest \\
    --bake 5m --max-failed-share 1%

  --wave 5                    the next 5 hosts
  --wave 10%                  a share of all expected hosts
  --wave role=canary          all hosts that match
  --wave '5 of role=canary'   5 of those that match
  --wave rest                 all remaining hosts

  --bake 5m           after the last answer of a wave, wait this long and check its hosts again
  --manual            each next wave waits for farcall promote
  --max-failed 2, --max-failed-share 1%     if more hosts of a wave fail, or a larger share, the rollout stops
  --answer-within 2m  a host that is silent this long counts as unreachable, and as failed

One wave can have its own settings: --wave '10%; bake 5m; manual'. The approvers sign all of this. If a wave exceeds
its limit, the rollout stops at once. Nobody can override a failed gate.

  farcall watch ID --until promotion          follows the request
  farcall promote ID --reason ...             orders the wave that waits for a person
  farcall pause ID, farcall resume ID         starts no further wave; goes on
  farcall retry ID --only unreachable,load-error --reason ...     orders hosts again on which nothing ran
  farcall abort ID --reason ...               ends the request on every host that has not started it`;

const contexts = (): string => `Your identity, and the address of the controller

They are in ~/.config/farcall/config.json, or in the file of --config or FARCALL_CONFIG. Paths in the file are
relative to its folder:

  { "controller": "ctl.example.org:7440", "caFile": "ca.pem", "rootsFile": "roots.json",
    "name": "alice", "key": "alice.key", "site": "KYq1s...", "broker": "tls://ctl.example.org:4222" }

"site" is the id of the site, all of it, from roots.json: what you sign counts there and nowhere else, and a request
of another site is refused. Each confirmation shows its beginning.

Those who enrol hosts need "broker", the addresses of the broker for new hosts, separated by commas. "brokerCaFile"
names its certificates, if they are not those of "caFile".

The file can also hold several contexts by name:

  { "current": "prod",
    "contexts": {
      "prod": { "controller": "ctl.example.org:7440", "caFile": "ca.pem", "site": "KYq1s...", "name": "alice",
                "key": "alice.key" },
      "lab":  { "controller": "unix:/run/farcall.sock", "site": "p0Xw2...", "name": "alice",
                "key": "lab.key" } } }

farcall uses the context of --context, else that of FARCALL_CONTEXT, else the current one. If there are several
contexts, each confirmation names the context that is used.

${ENVIRONMENT}

FARCALL_CONTROLLER, FARCALL_CA_FILE, FARCALL_SITE, FARCALL_NAME, FARCALL_KEY, FARCALL_ROOTS_FILE, FARCALL_BROKER
and FARCALL_BROKER_CA_FILE override the members of the file. If you give --context, they are ignored, so that you get
exactly the context that you name.

  farcall context list        lists the contexts
  farcall context use lab     makes lab the current context
  farcall context show        prints what is used now`;

/** The environment variables that farcall reads. */
export const ENVIRONMENT = `Environment variables:
  FARCALL_CONFIG          your configuration file
  FARCALL_CONTEXT         the context to use
  FARCALL_CONTROLLER      host:port or unix:/PATH
  FARCALL_CA_FILE         certificates of the controller
  FARCALL_SITE            the id of the site
  FARCALL_NAME            your name in the trust bundle
  FARCALL_KEY             your key: a file, a token or ssh-agent
  FARCALL_ROOTS_FILE      the roots of the site
  FARCALL_BROKER          the broker for new hosts
  FARCALL_BROKER_CA_FILE  certificates of the broker
  VISUAL, EDITOR          the editor for programs
  NO_COLOR                no colours
  FORCE_COLOR             colours in pipes too; 0: none`;

/** The pages, by name. */
export const TOPICS: Readonly<Record<string, Topic>> = {
  programs: { summary: 'what a program can contain, and how a call can end', text: programs },
  selectors: { summary: 'how to choose hosts', text: selectors },
  waves: { summary: 'rollouts in steps, with a gate', text: waves },
  contexts: { summary: 'your identity, the configuration, several controllers', text: contexts },
  'exit-codes': {
    summary: 'exit codes of farcall, for scripts',
    text: () => `Exit codes of farcall, for scripts\n\n${exitLines().join('\n')}`,
  },
};
