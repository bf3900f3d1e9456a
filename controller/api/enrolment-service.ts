import type {
  Server,
  ServerUnaryCall,
  ServiceDefinition,
  sendUnaryData,
  UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { REDEEM_PATH } from '../../shared/enrolment/index.ts';
import { FarcallError, toFarcallError } from '../../shared/errors/index.ts';
import {
  type EnrolmentReply,
  enrolmentReplyCodec,
  type Redemption,
  redemptionCodec,
} from '../../shared/messages/index.ts';
import { statusFromError } from '../../shared/rpc/index.ts';
import type { Logger } from '../log/index.ts';
import { withCallLog } from './call-log.ts';

/** Exchanges an enrolment for what a new host needs; undefined if this controller takes no enrolments. */
export type Redeem = ((redemption: Redemption) => Promise<EnrolmentReply>) | undefined;

type Bytes = Buffer<ArrayBufferLike>;

const asIs = (bytes: Buffer): Buffer => bytes;

/**
 * The service `Enrolment` of proto/farcall/v1/enrolment.proto: the one method that asks for no operator
 * token.
 */
const DEFINITION: ServiceDefinition = {
  redeem: {
    path: REDEEM_PATH,
    requestStream: false,
    responseStream: false,
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  },
};

/** Adds the service that redeems enrolments to `server`. */
export function addEnrolmentService(server: Server, redeem: Redeem, log: Logger): void {
  const implementation: UntypedServiceImplementation = {
    redeem(call: ServerUnaryCall<Bytes, Bytes>, callback: sendUnaryData<Bytes>): void {
      const answer = async (): Promise<Bytes> => {
        if (!redeem) throw new FarcallError('CONFLICT', 'this controller takes no enrolments');
        const welcome = await redeem(redemptionCodec.decode(call.request));
        return Buffer.from(enrolmentReplyCodec.encode(welcome));
      };
      withCallLog(log, { method: 'redeem', caller: call.getPeer() }, answer).then(
        bytes => callback(null, bytes),
        error => callback(statusFromError(toFarcallError(error))),
      );
    },
  };
  server.addService(DEFINITION, implementation);
}
