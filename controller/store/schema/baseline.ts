import {
  HOSTS_SQL,
  REQUESTS_SQL,
  ROLLOUTS_SQL,
  SESSIONS_SQL,
  SIGNING_AND_KERNELS_SQL,
  TRUST_AND_AUDIT_SQL,
} from './tables/index.ts';

/**
 * The tables of schema 1, in an order in which each table comes after those it refers to. In SQLite's
 * spelling.
 */
export const BASELINE_TABLES = [
  HOSTS_SQL,
  REQUESTS_SQL,
  ROLLOUTS_SQL,
  TRUST_AND_AUDIT_SQL,
  SIGNING_AND_KERNELS_SQL,
  SESSIONS_SQL,
].join('');

/** The rest of schema 1 in SQLite: a random id of the store, and triggers that keep what is written once. */
export const BASELINE_SQLITE = `
  insert into store_identity values (1, lower(hex(randomblob(16))));
  create trigger audit_no_update before update on audit
    begin select raise(abort, 'the audit log only grows'); end;
  create trigger audit_no_delete before delete on audit
    begin select raise(abort, 'the audit log only grows'); end;
  create trigger trust_no_update before update on trust_bundles
    begin select raise(abort, 'trust bundles only grow'); end;
  create trigger trust_no_delete before delete on trust_bundles
    begin select raise(abort, 'trust bundles only grow'); end;
`;

/** The same in PostgreSQL, where truncating a table does not call the triggers on its rows. */
export const BASELINE_POSTGRES = `
  insert into store_identity values (1, replace(gen_random_uuid()::text, '-', ''));
  create function only_grows() returns trigger language plpgsql as
    $$ begin raise exception '% only grows', tg_argv[0]; end $$;
  create trigger audit_only_grows before update or delete on audit
    for each row execute function only_grows('the audit log');
  create trigger audit_no_truncate before truncate on audit
    for each statement execute function only_grows('the audit log');
  create trigger trust_only_grows before update or delete on trust_bundles
    for each row execute function only_grows('trust');
  create trigger trust_no_truncate before truncate on trust_bundles
    for each statement execute function only_grows('trust');
`;
