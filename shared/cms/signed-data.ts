import {
  CMSVersion,
  ContentInfo,
  DigestAlgorithmIdentifier,
  DigestAlgorithmIdentifiers,
  EncapsulatedContentInfo,
  IssuerAndSerialNumber,
  id_data,
  id_signedData,
  SignatureAlgorithmIdentifier,
  SignedData,
  SignerIdentifier,
  SignerInfo,
  SignerInfos,
} from '@peculiar/asn1-cms';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import type { Certificate } from '@peculiar/asn1-x509';
import type { ModuleKeyAlgorithm } from './certificate.ts';

const SHA256 = '2.16.840.1.101.3.4.2.1';
/** DER of NULL, which the parameters of rsaEncryption are. */
const NULL = new Uint8Array([5, 0]).buffer;

/**
 * The `signatureAlgorithm` that the kernel requires (pkcs7_sig_note_pkey_algo,
 * crypto/asymmetric_keys/pkcs7_parser.c, v6.12): for RSA the algorithm of the key, not
 * sha256WithRSAEncryption, which it rejects there.
 */
const SIGNATURE_ALGORITHMS: Readonly<Record<ModuleKeyAlgorithm, SignatureAlgorithmIdentifier>> = {
  rsa: new SignatureAlgorithmIdentifier({ algorithm: '1.2.840.113549.1.1.1', parameters: NULL }),
  ecdsa: new SignatureAlgorithmIdentifier({ algorithm: '1.2.840.10045.4.3.2' }),
};

/**
 * A detached PKCS#7 SignedData (RFC 5652) in DER, as `openssl cms -sign -binary -noattr -nocerts -md sha256`
 * writes it: one signer, no signed attributes (kernels refuse them), no certificates. `signature` is over the
 * content itself.
 */
export function signedData(
  certificate: Certificate,
  algorithm: ModuleKeyAlgorithm,
  signature: Uint8Array,
): Uint8Array {
  const { issuer, serialNumber } = certificate.tbsCertificate;
  const signer = new SignerInfo({
    version: CMSVersion.v1,
    sid: new SignerIdentifier({
      issuerAndSerialNumber: new IssuerAndSerialNumber({ issuer, serialNumber }),
    }),
    digestAlgorithm: new DigestAlgorithmIdentifier({ algorithm: SHA256 }),
    signatureAlgorithm: SIGNATURE_ALGORITHMS[algorithm],
    signature: new OctetString(signature),
  });
  const signed = new SignedData({
    version: CMSVersion.v1,
    digestAlgorithms: new DigestAlgorithmIdentifiers([new DigestAlgorithmIdentifier({ algorithm: SHA256 })]),
    encapContentInfo: new EncapsulatedContentInfo({ eContentType: id_data }),
    signerInfos: new SignerInfos([signer]),
  });
  const content = new ContentInfo({ contentType: id_signedData, content: AsnConvert.serialize(signed) });
  return new Uint8Array(AsnConvert.serialize(content));
}
