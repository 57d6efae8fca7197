import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import * as tls from 'node:tls';
import { AgentFault } from '../fault.ts';
import { systemCodeOf } from '../file/fs-error.ts';
import { printable } from '../file/printable.ts';
import type { Environment } from './proxy.ts';

interface TrustOptions {
  /** PEM file of more certificate authorities. */
  readonly extraCaFile?: string;
  /** Whether the authorities that this machine trusts count too. @default true */
  readonly useSystemStore?: boolean;
  readonly env: Environment;
}

const MAX_BUNDLE_BYTES = 4 * 1_048_576;

/** Where Linux distributions keep their bundle: Debian, Fedora and RHEL, openSUSE, Alpine. */
const BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

const CERTIFICATE =
  /-----BEGIN (?:TRUSTED )?CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END (?:TRUSTED )?CERTIFICATE-----/g;

/**
 * All certificate authorities that may vouch for the service, in PEM: those that come with Node, those of the machine and the
 * extra ones. Read anew by each call, because an agent that runs for years outlives the authorities of its network.
 */
export type Trust = () => readonly string[];

/**
 * An extra file that disappears later leaves those that it held.
 * @throws {AgentFault} `settings` where the extra file cannot be used
 */
export function createTrust({ extraCaFile, useSystemStore = true, env }: TrustOptions): Trust {
  let extra = extraCaFile === undefined ? [] : extraRoots(extraCaFile);
  return () => {
    try {
      extra = extraCaFile === undefined ? [] : extraRoots(extraCaFile);
    } catch (fault) {
      if (!(fault instanceof AgentFault)) throw fault;
    }
    return [
      ...PUBLIC_ROOTS,
      ...(useSystemStore ? systemRoots(env) : []),
      // Naming authorities to Node switches off its own reading of this variable.
      ...(env['NODE_EXTRA_CA_CERTS'] ? certificatesIn(env['NODE_EXTRA_CA_CERTS']) : []),
      ...extra,
    ];
  };
}

/** Those that come with Node: the public ones. */
export const PUBLIC_ROOTS: readonly string[] = tls.rootCertificates;

function systemRoots(env: Environment): readonly string[] {
  if (process.platform === 'linux') {
    for (const path of [env['SSL_CERT_FILE'] ?? '', ...BUNDLES]) {
      const found = path === '' ? [] : certificatesIn(path);
      if (found.length > 0) return found;
    }
  }
  // Since Node 22.15. Node keeps the first answer for ever, so it comes second where there is a bundle to read.
  const { getCACertificates } = tls as {
    readonly getCACertificates?: (type: 'system') => readonly string[];
  };
  return getCACertificates?.('system') ?? [];
}

/** None where the file cannot be read: what the machine trusts is not the agent's to judge. */
function certificatesIn(path: string): readonly string[] {
  try {
    return readPem(path);
  } catch {
    return [];
  }
}

function extraRoots(path: string): readonly string[] {
  const shown = printable(path);
  try {
    const found = readPem(path);
    if (found.length === 0) throw new Error('it holds no certificate in PEM');
    found.forEach((one, index) => {
      try {
        new X509Certificate(one);
      } catch {
        throw new Error(`its certificate number ${index + 1} is damaged`);
      }
    });
    return found;
  } catch (cause) {
    const why = systemCodeOf(cause) ?? (cause instanceof Error ? cause.message : 'unknown');
    throw new AgentFault(
      'settings',
      `The file of certificate authorities ${shown} cannot be used: ${why}`,
      'Name a file that the agent may read, with certificates in PEM (-----BEGIN CERTIFICATE-----).',
      { cause },
    );
  }
}

function readPem(path: string): readonly string[] {
  const found = statSync(path);
  if (!found.isFile()) throw new Error('it is not a regular file');
  if (found.size > MAX_BUNDLE_BYTES) throw new Error('it is larger than 4 MiB');
  return (readFileSync(path, 'latin1').match(CERTIFICATE) ?? []).map((one) =>
    one.replaceAll('TRUSTED CERTIFICATE', 'CERTIFICATE'),
  );
}
