import type { ConsoleApi, EventOf, LastEvents, SignInApi } from '../../../views/index.ts';

/** Every route that the page calls. */
type Api = ConsoleApi & SignInApi;

/** Paths of GET routes with a reply. */
export type GetPath = {
  [Key in keyof Api]: Key extends `GET ${infer Path}`
    ? Api[Key] extends { reply: unknown }
      ? Path
      : never
    : never;
}[keyof Api];

/** Paths of POST routes with a reply. */
export type PostPath = {
  [Key in keyof Api]: Key extends `POST ${infer Path}`
    ? Api[Key] extends { reply: unknown }
      ? Path
      : never
    : never;
}[keyof Api];

/** Routes that send events. */
export type StreamKey = {
  [Key in keyof Api]: Api[Key] extends { events: unknown } ? Key : never;
}[keyof Api];

/** The type of the reply of a route. */
export type ReplyOf<Key extends keyof Api> = Api[Key] extends { reply: infer Reply } ? Reply : never;

/** The type of the body of a route; undefined for GET. */
export type BodyOf<Key extends keyof Api> = Api[Key] extends { body: infer Body } ? Body : undefined;

/** One event of a stream, including those with which any stream may end. */
export type StreamEventOf<Key extends StreamKey> = Api[Key] extends { events: infer Events }
  ? EventOf<Events & LastEvents>
  : never;

/** Names of the variable parts of a path. */
type ParamOf<Path> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Name | ParamOf<Rest>
  : Path extends `${string}:${infer Name}`
    ? Name
    : never;

/** Values for the variable parts of a path. */
export type Params<Path extends string> = Readonly<Record<ParamOf<Path>, string>>;

/** Parameters behind the question mark; those that are undefined or empty are left out. */
export type Query = Readonly<Record<string, string | number | readonly string[] | undefined>>;

/** An address of the API; its type knows what a GET of it replies. */
export type ApiUrl<Reply> = string & { readonly reply?: Reply };

/** The address of a GET route: `urlOf('requests/:id', { id })`. */
export function urlOf<Path extends GetPath>(
  path: Path,
  params: Params<Path>,
  query: Query = {},
): ApiUrl<ReplyOf<`GET ${Path}` & keyof Api>> {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    for (const each of [value].flat())
      if (each !== undefined && each !== '') search.append(name, String(each));
  return `${pathOf(path, params)}${search.size === 0 ? '' : `?${search}`}`;
}

/** A path below /api with its variable parts filled in. */
export function pathOf(path: string, params: Readonly<Record<string, string | undefined>>): string {
  return `/api/${path.replace(/:(\w+)/g, (_all, name: string) => encodeURIComponent(params[name] ?? ''))}`;
}
