import { Metadata, type StatusObject, status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES, type ErrorCode, FarcallError } from '../../../shared/errors/index.ts';
import { errorFromStatus, statusFromError } from '../../../shared/rpc/index.ts';

const asThrown = (object: StatusObject): StatusObject & Error =>
  Object.assign(new Error(object.details), object);

describe('errors over gRPC', () => {
  it.each(Object.keys(ERROR_CODES) as ErrorCode[])('%s comes back as itself', code => {
    const sent = statusFromError(new FarcallError(code, 'what is wrong'));
    expect(sent.code).toBe(status[ERROR_CODES[code].grpcStatus]);
    const back = errorFromStatus(asThrown(sent), 'here');
    expect(back).toBeInstanceOf(FarcallError);
    expect(back.code).toBe(code);
    if (code !== 'INTERNAL') expect(back.message).toBe('what is wrong');
  });

  it('errors over gRPC do not carry what is wrong inside', () => {
    const sent = statusFromError(new FarcallError('INTERNAL', 'SELECT secret FROM somewhere'));
    expect(sent.details).toBe('an internal error in the controller; see its log');
  });

  it('errors over gRPC fit into headers', () => {
    expect(statusFromError(new FarcallError('NOT_FOUND', 'x'.repeat(50_000))).details.length).toBe(2000);
  });

  const foreign = [
    [status.UNAVAILABLE, 'UNREACHABLE', 'no controller answers at here'],
    [status.DEADLINE_EXCEEDED, 'UNREACHABLE', 'did not answer in time'],
    [status.UNIMPLEMENTED, 'INTERNAL', 'failed: details'],
  ] as const;
  it.each(foreign)('errors over gRPC that are not ours: status %s is %s', (code, ours, message) => {
    const error = errorFromStatus(asThrown({ code, details: 'details', metadata: new Metadata() }), 'here');
    expect(error).toMatchObject({ code: ours, message: expect.stringContaining(message) });
  });

  it('errors over gRPC with a code that nobody knows are a failure', () => {
    const metadata = new Metadata();
    metadata.set('farcall-code', 'toString');
    const error = errorFromStatus(asThrown({ code: status.UNKNOWN, details: 'details', metadata }), 'here');
    expect(error.code).toBe('INTERNAL');
  });
});
