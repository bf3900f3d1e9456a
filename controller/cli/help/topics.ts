import { FACT_NAMES } from '../../../shared/messages/index.ts';
import { OUTCOMES } from '../../../shared/outcome/index.ts';
import { exitLines } from '../exit-codes.ts';
import { wrap } from '../output/wrap.ts';

/** A page of help that belongs to no single command. */
export interface Topic {
  readonly summary: string;
  readonly text: () => string;
}

const selectors = (): string => `Which hosts: --hosts, and the argument of farcall hosts

  env=prod,kernel~6.1,arch=x86_64,!canary      all of these
  kernel~6.1                                   6.1 or 6.1.anything, not 6.10
  env=prod|test      env in (prod,test)        one of several values
  env!=prod          env not in (prod,test)    none of them; hosts without the label too
  canary             !canary                   the label is there, or is not
  host=web-*         @web-1,@web-2             by name: * and ? in values, or a list of names
  (env=test | (canary)),!role=db               either, both (the comma), not, groups
  *                                            every host

Labels come from the enrolment of a host. These are facts, which it tells of itself:
${wrap(`  ${FACT_NAMES.join(', ')}`, { columns: 78, hang: 2 }).join('\n')}
signing is enforced or off, modules on or off, lockdown none, integrity or confidentiality, secureboot on, off or
unknown; trusts names a certificate that the kernel takes modules by.

The hosts are frozen when a request is made, and their number and names are signed. Quote selectors: a shell reads
! | ( and * itself.

  farcall hosts 'env=prod,kernel~6.1'          shows which hosts that means now`;

const programs = (): string => `What a program may be

C11 as far as it makes sense in a kernel, compiled on each host against that kernel's own types. The value of the last
expression is the result:

  _printk("Hello, world %d\\n", 1234)

  struct task_struct *t = find_task(4242);    finds it, or ends the program as skipped
  require(t->__state & 2);                    false: skipped, nothing was done
  wake_up_process(t)

  for_each_task (t) if (t->__state & 2) report(t->pid, t->comm);    many rows from one host

  extern struct uts_namespace init_uts_ns;    the address from the symbol table, the type from the declaration
  init_uts_ns.name.nodename[0] = 'x';         a write: the request must say --effect write

A bad pointer ends the call as faulted, and not the host; loops carry fuel. There are #define NAME VALUE lines, and no
other preprocessor; no functions of your own, no floating point, no asm.

A program is the argument, --file FILE, standard input (-), or what you write in VISUAL or EDITOR where none is given.
  farcall plan 'PROGRAM' --hosts SELECTOR     says what it would do, and runs nothing

Each host that a request expects ends in one of these:
${Object.entries(OUTCOMES)
  .flatMap(([name, { meaning }]) => wrap(`  ${name.padEnd(15)} ${meaning}`, { columns: 100, hang: 18 }))
  .join('\n')}`;

const waves = (): string => `Waves: a request that goes through its hosts in steps

Without --wave an approved request goes to all of its hosts at once. With it:

  farcall request --file fix.c --hosts env=prod --reason CVE-1 --expires 6h \\
    --wave 'role=canary; bake 30m; manual' --wave 10% --wave rest --bake 5m --max-failed-share 1%

  --wave 5            so many further hosts             --wave role=canary        all that match
  --wave 10%          a share of all expected hosts     --wave '5 of role=canary'
  --wave rest         all that are left

  --bake 5m           wait so long after the last answer of a wave, and look at its hosts then
  --manual            each next wave waits for farcall promote
  --max-failed 2, --max-failed-share 1%     more failed hosts in a wave, or a larger share, stop the rollout
  --answer-within 2m  who is silent then is unreachable, and counts as failed

In one wave: --wave '10%; bake 5m; manual'. All of it is signed by the approvers. A limit that is passed stops at
once, and nobody can wave a failed gate through:

  farcall watch ID --until promotion          follows it
  farcall promote ID --reason ...             sends the wave that waits for a person
  farcall pause ID, farcall resume ID         no further wave begins; it goes on
  farcall retry ID --only unreachable,load-error --reason ...     hosts on which nothing ran try again
  farcall abort ID --reason ...               the end, on every host that has not started it`;

const contexts = (): string => `Who you are, and where the controller is

~/.config/farcall/config.json (or --config FILE, FARCALL_CONFIG); paths in it count from its own folder:

  { "controller": "ctl.example.org:7440", "caFile": "ca.pem", "rootsFile": "roots.json",
    "name": "alice", "keyFile": "alice.key" }

or several contexts by name:

  { "current": "prod",
    "contexts": {
      "prod": { "controller": "ctl.example.org:7440", "caFile": "ca.pem", "name": "alice", "keyFile": "alice.key" },
      "lab":  { "controller": "unix:/run/farcall.sock", "name": "alice", "keyFile": "lab.key" } } }

The context is that of --context, else of FARCALL_CONTEXT, else current. Where there are several, what is dangerous
names the context before it asks.

${ENVIRONMENT}

Of these, FARCALL_CONTROLLER to FARCALL_KEY_FILE stand before the members of the file; with --context on the command
line they do not count: who names a context gets that one.

  farcall context list        all of them
  farcall context use lab     from now on
  farcall context show        what is used now`;

/** The environment variables that farcall reads. */
export const ENVIRONMENT = `Environment variables:
  FARCALL_CONFIG       the configuration file            FARCALL_CONTEXT      which context of it
  FARCALL_CONTROLLER   host:port or unix:/PATH           FARCALL_CA_FILE      certificates of the controller
  FARCALL_NAME         your name in the trust bundle     FARCALL_KEY_FILE     your private key
  FARCALL_ROOTS_FILE   whom new hosts are to trust       VISUAL, EDITOR       for programs that are not given
  NO_COLOR             no colours                        FORCE_COLOR          colours in pipes too; 0: none`;

/** The pages, by name. */
export const TOPICS: Readonly<Record<string, Topic>> = {
  programs: { summary: 'what may be called, and how a call can end', text: programs },
  selectors: { summary: 'which hosts', text: selectors },
  waves: { summary: 'rollouts in steps, with a gate', text: waves },
  contexts: { summary: 'who you are; configuration, environment, several controllers', text: contexts },
  'exit-codes': {
    summary: 'how farcall ends, for scripts',
    text: () => `Exit codes: how farcall ends, for scripts\n\n${exitLines().join('\n')}`,
  },
};
