import { type EnrolmentToken, REDEEM_PATH } from '../../shared/enrolment/index.ts';
import {
  type EnrolmentReply,
  enrolmentReplyCodec,
  type Redemption,
  redemptionCodec,
} from '../../shared/messages/index.ts';
import { channelTo, errorFromStatus } from '../../shared/rpc/index.ts';

const ANSWER_LIMIT_MS = 30_000;
const RECEIVE_LIMIT_BYTES = 1 << 20;

/**
 * Sends `redemption` to the controller that `token` names, and returns the reply. Throws the controller's own
 * error, or UNREACHABLE, also if the server that replies has no certificate by those in the token.
 */
export async function redeem(
  { address, ca }: EnrolmentToken,
  redemption: Redemption,
): Promise<EnrolmentReply> {
  const client = channelTo({ address, ca, receiveLimitBytes: RECEIVE_LIMIT_BYTES });
  const asIs = (bytes: Buffer): Buffer => bytes;
  const request = Buffer.from(redemptionCodec.encode(redemption));
  try {
    const answer = await new Promise<Buffer>((resolve, reject) => {
      const deadline = Date.now() + ANSWER_LIMIT_MS;
      client.makeUnaryRequest(REDEEM_PATH, asIs, asIs, request, { deadline }, (error, value) => {
        if (value) resolve(value);
        else reject(errorFromStatus(error ?? new Error('no answer'), address));
      });
    });
    return enrolmentReplyCodec.decode(answer);
  } finally {
    client.close();
  }
}
