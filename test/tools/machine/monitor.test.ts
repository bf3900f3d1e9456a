import { Duplex } from 'node:stream';
import { expect, test } from 'vitest';
import { openMonitor } from '../../../tools/machine/monitor.ts';

/** A QEMU that answers each command with what `answer` gives for it. */
function qemuThat(answer: (command: string) => object): Duplex {
  const socket = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      const { execute } = JSON.parse(chunk.toString());
      socket.push(`{"event": "STOP"}\n${JSON.stringify(answer(execute))}\n`);
      done();
    },
  });
  socket.push('{"QMP": {"version": {}, "capabilities": []}}\n');
  return socket;
}

test('the monitor gives each answer to the command that it is for, past events', async () => {
  const monitor = openMonitor(qemuThat(command => ({ return: { was: command } })));
  const answers = ['stop', 'cont', 'query-status'].map(monitor.execute);
  expect(await Promise.all(answers)).toEqual([{ was: 'stop' }, { was: 'cont' }, { was: 'query-status' }]);
});

test('the monitor says in the words of QEMU why a command was refused', async () => {
  const monitor = openMonitor(qemuThat(() => ({ error: { class: 'GenericError', desc: 'not now' } })));
  await expect(monitor.execute('stop')).rejects.toThrow('QEMU says: not now');
});

test('the monitor rejects what is open when the machine ends, and all that comes after', async () => {
  const socket = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
  const monitor = openMonitor(socket);
  const open = monitor.execute('stop');
  socket.destroy();
  await expect(open).rejects.toThrow('the machine ended');
  await expect(monitor.execute('cont')).rejects.toThrow('the machine ended');
});
