import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { packFrame, readFrames } from '../../../tools/machine/channel.ts';

test.each([1, 2, 7, 1000])('frames survive being cut into pieces of %i bytes', size => {
  const sent: [string, number, string][] = [
    ['O', 1, 'hello'],
    ['E', 4_000_000_000, ''],
    ['X', 2, 'x'.repeat(3000)],
  ];
  const bytes = Buffer.concat(
    sent.map(([type, process, text]) => packFrame(type, process, Buffer.from(text))),
  );
  const port = new PassThrough();
  const received: [string, number, string][] = [];
  readFrames(port, (type, process, payload) => received.push([type, process, payload.toString()]));
  for (let at = 0; at < bytes.length; at += size) port.emit('data', bytes.subarray(at, at + size));
  expect(received).toEqual(sent);
});
