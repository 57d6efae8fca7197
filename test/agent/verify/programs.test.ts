import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jwkOf } from '../../../lambdas/core/jws.ts';
import {
  forged,
  genuine,
  HOST,
  isGenuineForTheService,
  ISSUER,
  notForThisHost,
  ODD_HOST,
  oddHost,
  pinnedKeys,
  PRODUCT,
  type Cases,
} from './cases.ts';
import { commandsOf, keysCommand, programOf } from './page.ts';

const succeeds = (program: string, ...given: readonly string[]): boolean =>
  spawnSync(program, given, { stdio: 'ignore' }).status === 0;

const hasOpenSsl3 = (): boolean =>
  spawnSync('g++', ['-E', '-x', 'c++', '-'], {
    input:
      '#include <openssl/evp.h>\n#if OPENSSL_VERSION_NUMBER < 0x30000000L\n#error older than OpenSSL 3\n#endif\n',
    stdio: ['pipe', 'ignore', 'ignore'],
  }).status === 0;

const PROGRAMS = [
  {
    language: 'Shell',
    file: 'verify-license.sh',
    usage: 'verify-license.sh',
    call: 'sh verify-license.sh',
    needs: 'sh with openssl and awk',
    isHere: () => succeeds('sh', '-c', 'command -v openssl && command -v awk && command -v od'),
  },
  {
    language: 'C++',
    file: 'verify-license.cpp',
    usage: 'verify-license',
    call: './verify-license',
    needs: 'g++ with the headers of OpenSSL 3',
    isHere: hasOpenSsl3,
  },
  {
    language: 'Java',
    file: 'VerifyLicense.java',
    usage: 'java VerifyLicense',
    call: 'java VerifyLicense',
    needs: 'a JDK from 17 on',
    isHere: () =>
      succeeds('javac', '--release', '17', '-version') &&
      succeeds('java', '--add-modules', 'java.base', '-version'),
  },
  {
    language: 'Python',
    file: 'verify_license.py',
    usage: 'python3 verify_license.py',
    call: 'python3 verify_license.py',
    needs: 'python3 with the package cryptography',
    isHere: () => succeeds('python3', '-c', 'import cryptography'),
  },
] as const;

const home = mkdtempSync(join(tmpdir(), 'verify-a-license-'));
afterAll(() => rmSync(home, { recursive: true }));

const pathsOf = new Map<Cases, readonly string[]>();
const groups = { genuine: genuine(), forged: forged(), notForThisHost: notForThisHost() };

beforeAll(() => {
  writeFileSync(join(home, 'keys.json'), JSON.stringify({ keys: [...pinnedKeys.values()].map(jwkOf) }));
  writeFileSync(join(home, 'keys-to-pem.mjs'), programOf('node keys-to-pem.mjs'));
  const [, convert = ''] = keysCommand().trim().split('\n');
  execFileSync('sh', ['-c', convert], { cwd: home });

  for (const [group, cases] of Object.entries(groups)) {
    mkdirSync(join(home, group));
    const paths = Object.entries(cases).map(([name, text]) => {
      const path = join(group, `${name}.lic`);
      writeFileSync(join(home, path), text);
      return path;
    });
    pathsOf.set(cases, paths);
  }
  writeFileSync(join(home, 'product.lic'), groups.genuine['short-r'] ?? '');
  writeFileSync(join(home, 'odd-host.lic'), oddHost());
});

describe('the files that the programs are tried on', () => {
  it('are genuine to the service itself, or forged', () => {
    for (const text of Object.values({ ...groups.genuine, ...groups.notForThisHost })) {
      expect(isGenuineForTheService(String(text))).toBe(true);
    }
    const taken = Object.entries(groups.forged).filter(([, text]) => isGenuineForTheService(String(text)));
    // Too large for a request, which is told before the file is opened.
    expect(taken.map(([name]) => name)).toEqual(['byte-order-mark', 'too-large']);
  });

  it('are verified with the pinned keys, one PEM each', () => {
    expect(readdirSync(join(home, 'keys')).sort()).toEqual(
      [...pinnedKeys.keys()].map((kid) => `${kid}.pem`).sort(),
    );
  });
});

describe.each(PROGRAMS)('the $language program of docs/verify-a-license.md', (program) => {
  if (!program.isHere()) {
    it(`is not run: ${program.needs} is not on this machine`, (context) => {
      console.warn(context.task.name);
    });
    return;
  }

  const { build, call } = commandsOf(program.call);
  const [command = '', ...words] = call;
  const verify = (host: string, ...files: readonly string[]) =>
    spawnSync(command, [...words, 'keys', ISSUER, PRODUCT, host, ...files], { cwd: home, encoding: 'utf8' });

  beforeAll(() => {
    writeFileSync(join(home, program.file), programOf(program.usage));
    for (const line of build) execFileSync('sh', ['-c', line], { cwd: home });
  });

  it('accepts every genuine file, also with a short r and a short s, whatever its name and its claims', () => {
    const files = pathsOf.get(groups.genuine)!;
    const { stdout, stderr, status } = verify(HOST, 'product.lic', ...files);
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    expect(linesOf(stdout)).toEqual(['product.lic', ...files].map((file) => `valid ${file}`));
  });

  it.each(['forged', 'notForThisHost'] as const)(
    'refuses every file that is %s, and runs nothing of it',
    (group) => {
      const files = pathsOf.get(groups[group])!;
      const { stdout, stderr, status } = verify(HOST, ...files, 'no-such-file.lic');
      expect({ stdout, status }).toEqual({ stdout: '', status: 1 });
      expect(linesOf(stderr).map((line) => line.replace(/(\.lic): .+/, '$1'))).toEqual(
        [...files, 'no-such-file.lic'].map((file) => `refused ${file}`),
      );
      expect(readdirSync(home)).not.toContain('pwned');
    },
  );

  it('compares the host id letter by letter, whatever it is made of', () => {
    expect(verify(ODD_HOST, 'odd-host.lic')).toMatchObject({ stdout: 'valid odd-host.lic\n', status: 0 });
    expect(verify('a.*', 'odd-host.lic')).toMatchObject({ stdout: '', status: 1 });
  });

  it('fails for one refused file among genuine ones, and when it is called wrongly', () => {
    expect(verify(HOST, 'product.lic', 'forged/zeros-64.lic', 'product.lic')).toMatchObject({
      stdout: 'valid product.lic\nvalid product.lic\n',
      status: 1,
    });
    expect(verify(HOST)).toMatchObject({ stdout: '', status: 2 });
  });
});

const linesOf = (text: string): string[] => text.trimEnd().split('\n');
