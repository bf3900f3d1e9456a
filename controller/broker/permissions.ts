import { BROADCAST_SUBJECTS } from '../../shared/subjects/index.ts';

/** Permissions to publish and subscribe at the broker, as NATS JWTs spell them. */
export interface BrokerPermissions {
  readonly pub: { readonly allow: string[] };
  readonly sub: { readonly allow: string[] };
}

/** What nats-server puts in the place of `{{name()}}`: the name in the user's own JWT. */
const NAME = '{{name()}}';

/**
 * What a host may do. It stands once in the account's JWT, as the template of the key that signs hosts'
 * credentials; the broker fills in the name of each (nats-server since 2.9, "scoped signing keys"), so a new
 * host changes nothing there.
 *
 * Threat: a host that is taken over speaks for other hosts, or reads what is meant for them. So a host may
 * publish only under its own name, and read only what is for all hosts, for itself, and its own inbox; what
 * is published under its name is from it. A key for hosts that is stolen makes hosts, and can make nothing
 * else.
 */
export const HOST_TEMPLATE: BrokerPermissions = {
  pub: { allow: [`farcall.host.${NAME}.>`] },
  sub: { allow: [...BROADCAST_SUBJECTS, `farcall.to.${NAME}.>`, `farcall.inbox.${NAME}.>`] },
};

/** What a controller may do: hear every host, answer into every inbox, and alone speak to all, or to one. */
export const CONTROLLER_PERMISSIONS: BrokerPermissions = {
  pub: { allow: [...BROADCAST_SUBJECTS, 'farcall.to.>', 'farcall.inbox.>'] },
  sub: { allow: ['farcall.host.>', '_INBOX.>'] },
};
