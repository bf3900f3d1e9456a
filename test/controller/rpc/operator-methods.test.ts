import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { OPERATOR_METHODS } from '../../../controller/rpc/index.ts';

describe('the operator methods', () => {
  it('the operator methods are those of the service in operator.proto', () => {
    const root = new protobuf.Root();
    const path = new URL('../../../proto/farcall/v1/operator.proto', import.meta.url);
    protobuf.parse(readFileSync(path, 'utf8'), root);
    const inProto = root.lookupService('farcall.v1.Operator').methodsArray.map(method => ({
      path: `/farcall.v1.Operator/${method.name}`,
      request: method.requestType,
      reply: method.responseType,
      streams: method.responseStream === true,
    }));
    const here = Object.values(OPERATOR_METHODS).map(({ path: at, request, reply, streams }) => ({
      path: at,
      request: request.name,
      reply: reply.name,
      streams,
    }));
    expect(here).toEqual(inProto);
  });
});
