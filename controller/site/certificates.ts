// @peculiar/x509 asks for it, first.
import 'reflect-metadata';
import { randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { FarcallError } from '../../shared/errors/index.ts';

/** A certificate and its key, in PEM. */
export interface CertifiedKey {
  readonly certificate: string;
  readonly key: string;
}

/** Inputs of {@link newServerCertificate}. */
export interface ServerCertificateInput {
  readonly authority: CertifiedKey;
  readonly commonName: string;
  /** Names and IP addresses under which the server is reached. */
  readonly hosts: readonly string[];
  readonly nowMs: number;
}

/** ECDSA on P-256: nats-server, gRPC and browsers all take it; browsers take no Ed25519. */
const KEY = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const SIGNATURE = { name: 'ECDSA', hash: 'SHA-256' } as const;

const DAY_MS = 86_400_000;
const AUTHORITY_LIFE_MS = 3650 * DAY_MS;

/** How long a server's certificate is good; `farcall-controller renew` makes the next. */
export const SERVER_LIFE_MS = 397 * DAY_MS;

/** A certificate counts from a little before it was made, since clocks differ. */
const BACKDATE_MS = 300_000;

/** A new certificate authority for one site: it can sign servers, and no further authority. */
export async function newAuthority(commonName: string, nowMs: number): Promise<CertifiedKey> {
  const keys = await newKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    ...validity(nowMs, AUTHORITY_LIFE_MS),
    name: [{ CN: [commonName] }],
    keys,
    signingAlgorithm: SIGNATURE,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: pemOf(certificate), key: await privatePem(keys) };
}

/** A certificate for a server, by `authority`; the authority's own stands behind it in the PEM. */
export async function newServerCertificate(input: ServerCertificateInput): Promise<CertifiedKey> {
  const { authority, commonName, hosts, nowMs } = input;
  const keys = await newKeys();
  const issuer = new X509Certificate(authority.certificate);
  const certificate = await X509CertificateGenerator.create({
    ...validity(nowMs, SERVER_LIFE_MS),
    subject: [{ CN: [commonName] }],
    issuer: issuer.subjectName,
    publicKey: keys.publicKey,
    signingKey: await privateKeyIn(authority.key),
    signingAlgorithm: SIGNATURE,
    extensions: [
      ...serverExtensions(hosts),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(issuer),
    ],
  });
  return { certificate: pemOf(certificate) + authority.certificate, key: await privatePem(keys) };
}

function serverExtensions(hosts: readonly string[]): Extension[] {
  const names = hosts.map(host => ({ type: isIP(host) ? 'ip' : 'dns', value: host }) as const);
  return [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
    new SubjectAlternativeNameExtension(names),
  ];
}

function validity(nowMs: number, lifeMs: number) {
  // RFC 5280, 4.1.2.2: a positive number of at most 20 octets.
  const serialNumber = `01${randomBytes(15).toString('hex')}`;
  return { serialNumber, notBefore: new Date(nowMs - BACKDATE_MS), notAfter: new Date(nowMs + lifeMs) };
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(KEY, true, ['sign', 'verify']);
}

function pemOf(certificate: X509Certificate): string {
  return `${certificate.toString('pem').trim()}\n`;
}

async function privatePem({ privateKey }: webcrypto.CryptoKeyPair): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', privateKey));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN PRIVATE KEY-----', ...lines, '-----END PRIVATE KEY-----', ''].join('\n');
}

async function privateKeyIn(pem: string): Promise<webcrypto.CryptoKey> {
  const base64 = pem.replaceAll(/-----[A-Z ]+-----|\s/g, '');
  try {
    return await webcrypto.subtle.importKey('pkcs8', Buffer.from(base64, 'base64'), KEY, false, ['sign']);
  } catch {
    // The cause is dropped on purpose: it may quote the key.
    throw new FarcallError(
      'FILE_UNREADABLE',
      'the key of the certificate authority is not a P-256 key in PEM',
    );
  }
}
