import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Identity {
  readonly key: string;
  readonly cert: string;
}

export interface TestAuthority {
  /** PEM file of the authority. */
  readonly caFile: string;
  readonly ca: string;
  /** A certificate for names and addresses, such as `DNS:licensing.example,IP:127.0.0.1`. */
  issue(names: string, dates?: { readonly from: string; readonly to: string }): Identity;
  selfSigned(names: string): Identity;
  remove(): void;
}

/** A certificate authority of its own, as an inspecting proxy has one. */
export function createAuthority(name = 'Corporate Inspection CA'): TestAuthority {
  const folder = mkdtempSync(join(tmpdir(), 'authority-'));
  const at = (file: string): string => join(folder, file);
  const openssl = (...args: readonly string[]): void => {
    execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  };
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'] as const;
  let serial = 1;

  openssl(
    'req',
    '-x509',
    ...newKey,
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-days',
    '30',
    '-subj',
    `/O=Example Corp/CN=${name}`,
  );
  writeFileSync(at('index.txt'), '');
  const config = (names: string): string => `
[ca]
default_ca = own
[own]
database = ${at('index.txt')}
new_certs_dir = ${folder}
rand_serial = yes
default_md = sha256
unique_subject = no
policy = any
x509_extensions = leaf
[any]
commonName = supplied
[leaf]
subjectAltName = ${names}
basicConstraints = CA:FALSE
`;
  const read = (file: string): string => readFileSync(at(file), 'utf8');

  return {
    caFile: at('ca.pem'),
    ca: read('ca.pem'),
    issue(names, dates) {
      const own = `leaf-${(serial += 1)}`;
      writeFileSync(at(`${own}.cnf`), config(names));
      openssl('req', ...newKey, '-keyout', `${own}.key`, '-out', `${own}.csr`, '-subj', '/CN=leaf');
      const when = dates === undefined ? ['-days', '20'] : ['-startdate', dates.from, '-enddate', dates.to];
      openssl(
        'ca',
        '-batch',
        '-config',
        `${own}.cnf`,
        '-keyfile',
        'ca.key',
        '-cert',
        'ca.pem',
        '-in',
        `${own}.csr`,
        '-out',
        `${own}.pem`,
        '-notext',
        ...when,
      );
      return { key: read(`${own}.key`), cert: read(`${own}.pem`) };
    },
    selfSigned(names) {
      openssl(
        'req',
        '-x509',
        ...newKey,
        '-keyout',
        'self.key',
        '-out',
        'self.pem',
        '-days',
        '30',
        '-subj',
        '/CN=self',
        '-addext',
        `subjectAltName=${names}`,
      );
      return { key: read('self.key'), cert: read('self.pem') };
    },
    remove() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
