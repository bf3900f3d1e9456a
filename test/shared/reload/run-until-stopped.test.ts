import { expect, test } from 'vitest';
import { FarcallError } from '../../../shared/errors/index.ts';
import { runUntilStopped } from '../../../shared/reload/index.ts';
import { eventually } from '../../kit/eventually.ts';

/** A service that notes what happens to it. `next` is what its configuration is, the next time it is read. */
function noting() {
  const notes: string[] = [];
  const service = {
    next: 'second',
    read(): string {
      if (service.next === 'wrong') throw new FarcallError('CONFIG_INVALID', 'it is wrong');
      return service.next;
    },
    async start(config: string) {
      if (config === 'unusable') throw new FarcallError('CONFLICT', 'its port is taken');
      notes.push(`start ${config}`);
      return { stop: async () => void notes.push(`stop ${config}`) };
    },
    log: {
      reloading: () => void notes.push('reloading'),
      refused: ({ message }: FarcallError) => void notes.push(`refused: ${message}`),
      stopping: (signal: NodeJS.Signals) => void notes.push(signal),
    },
  };
  const noted = (note: string) => eventually(`it notes ${note}`, () => notes.includes(note));
  return { notes, service, noted };
}

test('a service that is told to reload stops, and starts with what its configuration is now', async () => {
  const { notes, service, noted } = noting();
  const ended = runUntilStopped('first', service);
  await noted('start first');
  process.emit('SIGHUP', 'SIGHUP');
  await noted('start second');
  process.emit('SIGTERM', 'SIGTERM');
  await ended;
  expect(notes).toEqual([
    ...['start first', 'reloading', 'stop first', 'start second'],
    ...['SIGTERM', 'stop second'],
  ]);
});

test.each([
  ['whose changed configuration is wrong', 'wrong', ['refused: it is wrong']],
  [
    'that cannot start with its changed configuration',
    'unusable',
    ['reloading', 'stop first', 'refused: its port is taken', 'start first'],
  ],
])('a service %s goes on with the earlier one', async (_what, next, between) => {
  const { notes, service, noted } = noting();
  service.next = next;
  const ended = runUntilStopped('first', service);
  await noted('start first');
  process.emit('SIGHUP', 'SIGHUP');
  await noted(between.find(note => note.startsWith('refused')) ?? '');
  process.emit('SIGINT', 'SIGINT');
  await ended;
  expect(notes).toEqual(['start first', ...between, 'SIGINT', 'stop first']);
});

test('a service that is told to stop while it starts stops after that, and hears no signal afterwards', async () => {
  const { notes, service } = noting();
  const before = process.listenerCount('SIGHUP');
  const ended = runUntilStopped('first', service);
  process.emit('SIGHUP', 'SIGHUP');
  process.emit('SIGTERM', 'SIGTERM');
  await ended;
  expect(notes).toEqual(['start first', 'SIGTERM', 'stop first']);
  expect(process.listenerCount('SIGHUP')).toBe(before);
});

test('a service that cannot go on ends with its error, and hears no signal afterwards', async () => {
  const { service } = noting();
  const before = process.listenerCount('SIGTERM');
  const { promise: failed, reject } = Promise.withResolvers<never>();
  const start = async () => ({ stop: async () => undefined, failed });
  const ended = runUntilStopped('first', { ...service, start });
  reject(new FarcallError('INTERNAL', 'its store is lost'));
  await expect(ended).rejects.toMatchObject({ code: 'INTERNAL', message: 'its store is lost' });
  expect(process.listenerCount('SIGTERM')).toBe(before);
});
