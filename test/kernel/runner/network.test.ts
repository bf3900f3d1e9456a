import { createServer, type Server } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HOST_ADDRESS, sharedMachine } from '../../../tools/machine/index.ts';
import { DEADLINES } from '../../kit/deadlines.ts';

let server: Server;
let port: number;
beforeEach(async () => {
  server = createServer(socket => {
    socket.write('hello guest\n');
    socket.pipe(socket);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as { port: number }).port;
});
afterEach(() => new Promise(resolve => server.close(resolve)));

const PING = `
  const socket = require('net').connect(+process.argv[2], process.argv[1]);
  socket.setTimeout(${DEADLINES.commandMs}, () => socket.destroy(new Error('timeout')));
  socket.on('error', error => { console.log(error.code ?? error.message); });
  let seen = '';
  socket.on('data', data => { seen += data; if (seen.endsWith('ping')) socket.end(); });
  socket.on('close', () => console.log(seen));
  socket.write('ping');`;

test('a guest reaches a forwarded port, with a connection of its own each time', async () => {
  const machine = await sharedMachine('6.1');
  machine.forward({ guestPort: 4222, hostPort: port });
  const connect = () => machine.output([machine.node, '-e', PING, HOST_ADDRESS, '4222']);
  expect(await Promise.all([connect(), connect()])).toEqual(['hello guest\nping\n', 'hello guest\nping\n']);
});

test.each([
  ['the host by the usual address of user-mode networking', '10.0.2.2'],
  ['an address outside', '192.0.2.1'],
])('a guest does not reach %s', async (_name, address) => {
  const machine = await sharedMachine('6.1');
  const seen = await machine.output([machine.node, '-e', PING, address, String(port)]);
  expect(seen).not.toContain('hello guest');
});

test('a port that nobody forwarded takes no connection', async () => {
  const machine = await sharedMachine('6.1');
  const seen = await machine.output([machine.node, '-e', PING, HOST_ADDRESS, '4300']);
  expect(seen).not.toContain('hello guest');
  expect(() => machine.forward({ guestPort: 4300, hostPort: port })).toThrow(
    '4300 was not forwardable at boot',
  );
});
