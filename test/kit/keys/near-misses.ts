import { type KeyObject, sign } from 'node:crypto';
import fc from 'fast-check';
import { TOKEN_KINDS, type TokenKind } from '../../../shared/tokens/index.ts';
import { KEYS, type Member, OTHER_SITE, START_MS } from '../cast.ts';

/** A token that its verifier accepts, and what it is made of. */
export interface SignedThing {
  readonly kind: TokenKind;
  readonly token: string;
  /** The key by which it was signed. */
  readonly privateKey: KeyObject;
  /** Values of claims with which it is about something else, though the right key signs it. */
  readonly elsewhere: Readonly<Record<string, readonly unknown[]>>;
  /** Others who may sign it with their own keys. */
  readonly mayToo?: readonly Member[];
}

/** A token that differs from a valid one in one place. */
export interface NearMiss {
  /** In what it differs. */
  readonly what: string;
  readonly token: string;
}

type Json = Record<string, unknown>;

const START_S = Math.floor(START_MS / 1000);
const YEAR_S = 365 * 24 * 3600;
/** Order of the group of Ed25519 (RFC 8032, section 5.1). */
const ED25519_ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

/**
 * The near-misses of `thing` that `accepts` resolves for, one a line: those that differ in the key, a member
 * of the header, a claim, the spelling or the signature, and are signed as well as they can be, by the right
 * key over the changed content; and 400 with a character changed, at random. Throws if the token itself is
 * not accepted.
 */
export async function acceptedMisses(
  thing: SignedThing,
  accepts: (token: string) => Promise<unknown>,
): Promise<readonly string[]> {
  await accepts(thing.token);
  const misses = [
    ...otherKeys(thing),
    ...otherHeaders(thing),
    ...otherClaims(thing),
    ...otherSpellings(thing),
    ...otherSignatures(thing),
    ...fc.sample(changedText(thing.token), 400),
  ];
  const accepted: string[] = [];
  for (const { what, token } of misses)
    await accepts(token).then(
      () => void accepted.push(what),
      () => undefined,
    );
  return accepted;
}

/** `bytes` with one byte changed, added or taken away, or with one end cut off. */
export function changedBytes(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  const at = fc.nat(bytes.length - 1);
  return fc.oneof(
    fc
      .tuple(at, fc.integer({ min: 1, max: 255 }))
      .map(([index, bits]) => bytes.with(index, bytes[index]! ^ bits)),
    at.map(index => Buffer.concat([bytes.subarray(0, index), bytes.subarray(index + 1)])),
    fc
      .tuple(at, fc.nat(255))
      .map(([index, byte]) =>
        Buffer.concat([bytes.subarray(0, index), Buffer.of(byte), bytes.subarray(index)]),
      ),
    at.map(index => bytes.subarray(0, index)),
  );
}

function changedText(token: string): fc.Arbitrary<NearMiss> {
  const at = fc.nat(token.length - 1);
  const character = fc.constantFrom(...'Aa0-_=+/. \n~é');
  const changed = fc.oneof(
    fc.tuple(at, character).map(([index, by]) => token.slice(0, index) + by + token.slice(index + 1)),
    fc.tuple(at, character).map(([index, by]) => token.slice(0, index) + by + token.slice(index)),
    at.map(index => token.slice(0, index) + token.slice(index + 1)),
    at.map(index => token.slice(0, index)),
    at.map(index => token + token.slice(index)),
  );
  return changed.filter(text => text !== token).map(text => ({ what: `its text: ${text}`, token: text }));
}

const parts = (token: string): readonly [Json, Json] => {
  const [header = '', payload = ''] = token.split('.');
  const read = (part: string): Json => JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  return [read(header), read(payload)];
};

const text = (part: string): string => Buffer.from(part, 'utf8').toString('base64url');

function signed(header: string, payload: string, key: KeyObject): string {
  const input = `${text(header)}.${text(payload)}`;
  return `${input}.${sign(null, Buffer.from(input), key).toString('base64url')}`;
}

const signedJson = (header: Json, payload: Json, key: KeyObject): string =>
  signed(JSON.stringify(header), JSON.stringify(payload), key);

function otherKeys({ token, privateKey, mayToo = [] }: SignedThing): NearMiss[] {
  const [header, payload] = parts(token);
  return Object.entries(KEYS)
    .filter(([, pair]) => !pair.privateKey.equals(privateKey))
    .flatMap(([name, pair]) => [
      { what: `the key: ${name} in its name`, token: signedJson(header, payload, pair.privateKey) },
      ...(mayToo.includes(name as Member)
        ? []
        : [
            {
              what: `the key: ${name} by their key's id`,
              token: signedJson({ ...header, kid: pair.kid }, payload, pair.privateKey),
            },
          ]),
    ]);
}

function otherHeaders({ kind, token, privateKey }: SignedThing): NearMiss[] {
  const [header, payload] = parts(token);
  const otherTyps = Object.entries(TOKEN_KINDS)
    .filter(([each]) => each !== kind)
    .map(([, { typ }]) => ({ typ }));
  const changes: Json[] = [
    ...otherTyps,
    ...['none', 'HS256', 'ES256', 'Ed25519', 'EdDSA ', 'eddsa', 'WebAuthn', null].map(alg => ({ alg })),
    ...['JWT', `${header['typ']}+jwt`, String(header['typ']).toUpperCase(), '', null].map(typ => ({ typ })),
    ...['', null, `${header['kid']}A`, [header['kid']]].map(kid => ({ kid })),
    { crit: [] },
    { crit: ['b64'], b64: false },
    { jwk: { kty: 'OKP' } },
    { jku: 'https://example.org' },
    { x5c: [] },
    { zip: 'DEF' },
    { cty: 'JWT' },
  ];
  const without = Object.keys(header).map(name => {
    const { [name]: _, ...rest } = header;
    return { what: `the header: no ${name}`, token: signedJson(rest, payload, privateKey) };
  });
  const with_ = changes.map(change => ({
    what: `the header: ${JSON.stringify(change)}`,
    token: signedJson({ ...header, ...change }, payload, privateKey),
  }));
  return [...with_, ...without];
}

/** Claims that a kind may leave out. */
const OPTIONAL = ['reason', 'only', 'since', 'nbf'];

function otherClaims({ kind, token, privateKey, elsewhere }: SignedThing): NearMiss[] {
  const [header, payload] = parts(token);
  const { maxAgeS } = TOKEN_KINDS[kind];
  const iat = Number(payload['iat']);
  const names = Object.keys(KEYS).filter(name => name !== payload['iss']);
  const auds = Object.values(TOKEN_KINDS).map(({ aud }) => aud);
  const values: Json = {
    ...{ iss: [...names, '', null, `${payload['iss']} `, [payload['iss']]] },
    ...{ aud: [...auds.filter(aud => aud !== payload['aud']), '', null, [payload['aud']]] },
    ...{ site: [OTHER_SITE, '', null, `${payload['site']}=`, [payload['site']]] },
    ...(maxAgeS !== undefined && {
      iat: [START_S + 31, START_S + YEAR_S, -1, `${iat}`, null, iat + 0.5],
      exp: [START_S - 30, 0, -1, iat + maxAgeS + 1, `${payload['exp']}`, null, 1e300],
    }),
    ...elsewhere,
  };
  const changed = Object.entries(values).flatMap(([name, those]) =>
    (those as unknown[]).map(value => ({
      what: `the claim ${name}: ${JSON.stringify(value)}`,
      token: signedJson(header, { ...payload, [name]: value }, privateKey),
    })),
  );
  const left = Object.keys(payload)
    .filter(name => !OPTIONAL.includes(name))
    .map(name => {
      const { [name]: _, ...rest } = payload;
      return { what: `the claims: no ${name}`, token: signedJson(header, rest, privateKey) };
    });
  const added = ['jti2', 'nbf2', '__proto__x', 'admin', 'scope'].map(name => ({
    what: `the claims: also ${name}`,
    token: signedJson(header, { ...payload, [name]: 1 }, privateKey),
  }));
  return [...changed, ...left, ...added];
}

function otherSpellings({ token, privateKey }: SignedThing): NearMiss[] {
  const [header, payload] = parts(token).map(part => JSON.stringify(part)) as [string, string];
  const spellings: ((json: string) => string)[] = [
    json => ` ${json}`,
    json => `${json}\n`,
    json => `\uFEFF${json}`,
    json => json.replace('"', '"\\u0061'),
    json => json.replace(/"(\w)/, (_, first: string) => `"\\u00${first.charCodeAt(0).toString(16)}`),
    json => json.replace('{', '{"iss":"mallory","alg":"none",'),
    json => `${json.slice(0, -1)},"aud":"x","typ":"x"}`,
    json => json.replaceAll(':', ': '),
    json => `[${json}]`,
    json => `${json}${json}`,
  ];
  const spelled = spellings.flatMap(spell => [
    { what: 'the spelling of its header', token: signed(spell(header), payload, privateKey) },
    { what: 'the spelling of its claims', token: signed(header, spell(payload), privateKey) },
  ]);
  return spelled.filter(each => each.token !== token);
}

function otherSignatures({ token, privateKey }: SignedThing): NearMiss[] {
  const input = token.slice(0, token.lastIndexOf('.'));
  const signature = Buffer.from(token.slice(input.length + 1), 'base64url');
  const of = (message: string): Buffer => sign(null, Buffer.from(message), privateKey);
  const signatures: Readonly<Record<string, Uint8Array>> = {
    'of another text': of(`${input}A`),
    'of its claims alone': of(input.slice(input.indexOf('.') + 1)),
    'of nothing': of(''),
    zeros: Buffer.alloc(signature.length),
    'a byte more': Buffer.concat([signature, Buffer.of(0)]),
    'a byte less': signature.subarray(0, -1),
    twice: Buffer.concat([signature, signature]),
    'with S + L (RFC 8032, 5.1.7)': withOrderAdded(signature),
  };
  return Object.entries(signatures).map(([what, bytes]) => ({
    what: `the signature: ${what}`,
    token: `${input}.${Buffer.from(bytes).toString('base64url')}`,
  }));
}

/** The other number that would verify if a verifier did not demand that S is below the order of the group. */
function withOrderAdded(signature: Uint8Array): Uint8Array {
  const bytes = Buffer.from(signature);
  const s = BigInt(`0x${Buffer.from(bytes.subarray(32)).reverse().toString('hex')}`) + ED25519_ORDER;
  const hex = s.toString(16).padStart(64, '0').slice(-64);
  Buffer.from(hex, 'hex').reverse().copy(bytes, 32);
  return bytes;
}
