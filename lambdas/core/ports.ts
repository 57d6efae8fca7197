import type { Instant } from './instant.ts';
import type { Installation, InstallationKey, LicenseEntry } from './installation.ts';
import type { IssueRecord, RefusalRecord } from './renewal-record.ts';
import type { License, UnknownHost } from './license.ts';
import type { Algorithm } from './jws.ts';

/** What a renewal reads and writes. Every method is one call to the database unless it says otherwise. */
export interface RenewalStore {
  /** One batch read: the license strongly consistent, the installation eventually. */
  readForRenewal(
    licenseId: string,
    key: InstallationKey,
  ): Promise<{ license: License | undefined; installation: Installation | undefined }>;
  /** Strongly consistent. */
  readLicense(licenseId: string): Promise<License | undefined>;
  /** Strongly consistent. */
  readInstallation(key: InstallationKey): Promise<Installation | undefined>;
  /** Writes the record unless its sequence number is taken. */
  putRecord(record: IssueRecord): Promise<'stored' | 'taken'>;
  readRecord(licenseId: string, seq: number): Promise<IssueRecord | undefined>;
  /** The record with the highest sequence number, strongly consistent. */
  newestRecord(licenseId: string): Promise<IssueRecord | undefined>;
  /** The commit: writes what an issue changes, if the stored version is still `expectedVersion` (0: no item yet). */
  commit(license: License, expectedVersion: number): Promise<'committed' | 'conflict'>;
  /** Counts a refusal of a genuine file, with its last caller. */
  recordRefusal(refusal: RefusalRecord): Promise<void>;
  /** Notes a refusal of the bound host in its license, without a new version. */
  noteRefusal(licenseId: string, code: string, at: Instant): Promise<void>;
  /** Notes in a license which host of unknown id asked for it last, without a new version. */
  noteUnknownHost(licenseId: string, host: UnknownHost): Promise<void>;
  /** Writes the list of licenses if the stored version is still `installation.version`, and bumps it. */
  writeLicenseList(
    installation: Installation,
    licenses: readonly LicenseEntry[],
  ): Promise<'written' | 'conflict'>;
}

/** The one key that signs license files. */
export interface Signer {
  /** Algorithm and RFC 7638 thumbprint of the key. */
  describe(): Promise<{ alg: Algorithm; kid: string }>;
  /** The JOSE signature (r||s for ES256) over the signing input. */
  sign(signingInput: string): Promise<Uint8Array>;
}
