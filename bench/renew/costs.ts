/** Prices in dollars, November 2026. */
export interface Prices {
  readonly region: string;
  readonly httpApiPerMillion: number;
  readonly kmsSignPerMillion: Readonly<Record<KeySpec, number>>;
  readonly lambdaPerMillion: number;
  readonly lambdaGigabyteSecond: number;
  readonly writeUnitsPerMillion: number;
  readonly readUnitsPerMillion: number;
  readonly storagePerGigabyteMonth: number;
  readonly logsPerGigabyte: number;
}

export type KeySpec = 'ECC_NIST_P256' | 'RSA_2048';

const everywhere = {
  kmsSignPerMillion: { ECC_NIST_P256: 15, RSA_2048: 3 },
  lambdaPerMillion: 0.2,
  lambdaGigabyteSecond: 0.0000133334,
};

export const PRICES: readonly Prices[] = [
  {
    ...everywhere,
    region: 'us-east-1',
    httpApiPerMillion: 1,
    writeUnitsPerMillion: 0.625,
    readUnitsPerMillion: 0.125,
    storagePerGigabyteMonth: 0.25,
    logsPerGigabyte: 0.5,
  },
  {
    ...everywhere,
    region: 'eu-west-1',
    httpApiPerMillion: 1.11,
    writeUnitsPerMillion: 0.705,
    readUnitsPerMillion: 0.1415,
    storagePerGigabyteMonth: 0.283,
    logsPerGigabyte: 0.57,
  },
];

/** CloudWatch Logs adds this to the bytes of every event. */
export const LOG_EVENT_OVERHEAD = 26;

/** What one renewal takes. */
export interface Consumption {
  readonly keySpec: KeySpec;
  readonly signatures: number;
  readonly writeUnits: number;
  readonly readUnits: number;
  readonly logBytes: number;
  readonly memoryMiB: number;
  /** Time that Lambda bills. */
  readonly milliseconds: number;
}

export interface CostLine {
  readonly name: string;
  readonly dollars: number;
}

/** Dollars per million renewals. */
export function costOf(consumption: Consumption, prices: Prices): CostLine[] {
  const { keySpec, signatures, writeUnits, readUnits, logBytes, memoryMiB, milliseconds } = consumption;
  // A million times a millisecond is 1,000 seconds.
  const gigabyteSeconds = (memoryMiB / 1024) * milliseconds * 1000;
  return [
    { name: 'HTTP API', dollars: prices.httpApiPerMillion },
    { name: 'KMS Sign', dollars: signatures * prices.kmsSignPerMillion[keySpec] },
    {
      name: 'Lambda',
      dollars: prices.lambdaPerMillion + gigabyteSeconds * prices.lambdaGigabyteSecond,
    },
    { name: 'DynamoDB writes', dollars: writeUnits * prices.writeUnitsPerMillion },
    { name: 'DynamoDB reads', dollars: readUnits * prices.readUnitsPerMillion },
    // A million times a byte is a megabyte.
    { name: 'Logs', dollars: (logBytes / 1000) * prices.logsPerGigabyte },
  ];
}

export const total = (lines: readonly CostLine[]): number =>
  lines.reduce((sum, { dollars }) => sum + dollars, 0);

/** Dollars for keeping a million records of this size for so many days. */
export const storageCost = (recordBytes: number, days: number, prices: Prices): number =>
  (recordBytes / 1000) * (days / 30.4) * prices.storagePerGigabyteMonth;
