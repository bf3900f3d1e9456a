// Boots a machine, prints the process id of its QEMU and waits to be killed.

import { bootMachine, ensureKernel } from '../../../tools/machine/index.ts';

const machine = await bootMachine({ kernel: await ensureKernel('7.2') });
console.log(machine.pid);
await machine.exited;
