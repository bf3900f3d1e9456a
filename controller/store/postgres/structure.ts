import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { FarcallError } from '../../../shared/errors/index.ts';
import { inPostgres, MIGRATIONS } from '../schema/index.ts';
import { connectionOptions, connectOne } from './connect.ts';
import { VERSION_TABLE } from './migrate.ts';
import type { PostgresOptions } from './options.ts';

/**
 * Everything in a schema that decides what its tables hold and do, as name and definition: relations of all
 * kinds, columns, constraints, indexes, functions, triggers, rules, row security, inheritance.
 */
const CATALOG_QUERY = `
  select format('relation %s', relname) as name,
         concat_ws(' ', relkind, relpersistence, relrowsecurity, relforcerowsecurity, relhassubclass) as definition
    from pg_class where relnamespace = $1::regnamespace and relkind not in ('t', 'i')
  union all
  select format('column %s.%s', attrelid::regclass, attname),
         concat_ws(' ', format_type(atttypid, atttypmod), attnotnull, attidentity, attgenerated,
           (select collname from pg_collation where oid = attcollation),
           (select pg_get_expr(adbin, adrelid) from pg_attrdef where adrelid = attrelid and adnum = attnum))
    from pg_attribute join pg_class on pg_class.oid = attrelid
    where relnamespace = $1::regnamespace and relkind in ('r', 'p') and attnum > 0 and not attisdropped
  union all
  select format('constraint %s of %s', conname, conrelid::regclass), pg_get_constraintdef(oid)
    from pg_constraint where connamespace = $1::regnamespace
  union all
  select format('index %s', indexrelid::regclass), concat_ws(' ', pg_get_indexdef(indexrelid), indisvalid, indisready)
    from pg_index join pg_class on pg_class.oid = indexrelid where relnamespace = $1::regnamespace
  union all
  select format('function %s', oid::regprocedure), pg_get_functiondef(oid)
    from pg_proc where pronamespace = $1::regnamespace and prokind in ('f', 'p')
  union all
  select format('trigger %s on %s', tgname, tgrelid::regclass), concat_ws(' ', pg_get_triggerdef(pg_trigger.oid), tgenabled)
    from pg_trigger join pg_class on pg_class.oid = tgrelid
    where relnamespace = $1::regnamespace and not tgisinternal
  union all
  select format('foreign key triggers of %s', tgrelid::regclass), string_agg(distinct tgenabled::text, '')
    from pg_trigger join pg_class on pg_class.oid = tgrelid
    where relnamespace = $1::regnamespace and tgisinternal group by tgrelid
  union all
  select format('rule %s on %s', rulename, ev_class::regclass), concat_ws(' ', pg_get_ruledef(pg_rewrite.oid), ev_enabled)
    from pg_rewrite join pg_class on pg_class.oid = ev_class where relnamespace = $1::regnamespace
  union all
  select format('policy %s on %s', polname, polrelid::regclass), concat_ws(' ', polcmd, pg_get_expr(polqual, polrelid))
    from pg_policy join pg_class on pg_class.oid = polrelid where relnamespace = $1::regnamespace
`;

/** Foreign keys of a schema, each as a query for rows that point to nothing. */
const DANGLING_QUERY = `
  select conname as name, format('select count(*) as rows from %s child where %s and not exists (select from %s parent where %s)',
      conrelid::regclass,
      string_agg(format('child.%I is not null', own.attname), ' and '),
      confrelid::regclass,
      string_agg(format('parent.%I = child.%I', other.attname, own.attname), ' and ')) as query
    from pg_constraint
    cross join unnest(conkey, confkey) as keys (own_key, other_key)
    join pg_attribute own on own.attrelid = conrelid and own.attnum = own_key
    join pg_attribute other on other.attrelid = confrelid and other.attnum = other_key
    where contype = 'f' and connamespace = $1::regnamespace
    group by pg_constraint.oid, conname, conrelid, confrelid
`;

/** Asks on one connection. */
export type Query = (text: string, values?: unknown[]) => Promise<pg.QueryResult>;

/**
 * Reports every difference between the schema and what the migrations make on this server, and rows that
 * refer to nothing.
 *
 * Threat: anyone who owns the tables can also drop or disable the triggers that keep the log from being
 * edited, or replace a table with a view or a rule. So the whole schema is compared, word by word, with one
 * that is made for this purpose and rolled back.
 */
export async function* structureProblems(query: Query, options: PostgresOptions): AsyncIterable<string> {
  const expected = await expectedCatalog(options);
  const found = await catalogOf(query, options.schema);
  for (const [name, definition] of expected) {
    if (!found.has(name)) yield `the ${name} is missing`;
    else if (found.get(name) !== definition) yield `the ${name} is not as farcall makes it`;
  }
  for (const name of found.keys()) if (!expected.has(name)) yield `the ${name} is not farcall's`;
  const { rows } = await query(DANGLING_QUERY, [pg.escapeIdentifier(options.schema)]);
  for (const { name, query: text } of rows) {
    const dangling = (await query(text)).rows[0].rows;
    if (dangling > 0) yield `${dangling} rows point to nothing by ${name}`;
  }
}

async function catalogOf(query: Query, schema: string): Promise<Map<string, string>> {
  const quoted = pg.escapeIdentifier(schema);
  const { rows } = await query(CATALOG_QUERY, [quoted]);
  // Some definitions name the schema, whatever the search path is.
  const plain = (text: string): string => text.replaceAll(`${quoted}.`, '').replaceAll(`${schema}.`, '');
  return new Map(rows.map(({ name, definition }) => [plain(name), plain(definition ?? '')]));
}

async function expectedCatalog(options: PostgresOptions): Promise<Map<string, string>> {
  const schema = `farcall_expected_${randomBytes(8).toString('hex')}`;
  const client = await connectOne(connectionOptions({ ...options, schema }));
  try {
    await client.query('begin');
    await client.query(`create schema ${schema}`);
    for (const statements of [VERSION_TABLE, ...MIGRATIONS.map(inPostgres)]) await client.query(statements);
    return await catalogOf((text, values) => client.query(text, values), schema);
  } catch (cause) {
    throw new FarcallError(
      'STORE_FAILED',
      `${options.user} cannot make a schema in ${options.database}, which the store's is compared with (it is rolled back)`,
      { cause },
    );
  } finally {
    await client.end();
  }
}
