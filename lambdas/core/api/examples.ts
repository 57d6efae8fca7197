/**
 * What the examples of the API are about, so that they tell one story: the customer `acme` with a cluster of hosts. The files
 * are really signed, by a key that exists nowhere else, so that a reader can try a verifier on them.
 */
export const EXAMPLE_LICENSE_ID = 'lic_5k2qv0c9t7m4n1d8rj3h6g0p2s';

/** The public key under the example files, as a member of the JWK set. */
export const EXAMPLE_KEY = {
  kty: 'EC',
  x: '6bUlWjtwNJm0iSN2BWu2YFWr_kO-ZknMYhIVksMWaWo',
  y: 'Fwr1rUcrc92pEQsmwn4BjX3ZcjPvogg35y9Rm7x9uMo',
  crv: 'P-256',
  kid: 'd3VSCYHHQBFVuSYoTcJ5-vQqx1oTU5S1c1WAkUPpaoU',
  alg: 'ES256',
  use: 'sig',
};

const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');

const compact = (claims: object, signature: string): string =>
  [encoded({ alg: 'ES256', kid: EXAMPLE_KEY.kid, typ: 'license+jwt' }), encoded(claims), signature].join('.');

const MARCH_2 = 1_772_431_964;
const DAY = 86_400;
const CONTRACT_END = 1_830_294_000;

const common = {
  iss: 'https://licensing.vendor.example',
  sub: EXAMPLE_LICENSE_ID,
};

const rest = {
  renewal: { url: 'https://licensing.vendor.example/v1/licenses/renew', everySeconds: DAY },
};

/** The file of a bound host. */
export const EXAMPLE_FILE = compact(
  {
    ...common,
    jti: '0b6c7d1e-4f5a-42b3-9c8d-5e6f7a8b9c0d',
    seq: 42,
    replaces: '7f1d0a9b-8c6e-4d52-a1b2-c3d4e5f60718',
    iat: MARCH_2,
    exp: MARCH_2 + 35 * DAY,
    customer: { id: 'acme', name: 'Acme Print' },
    product: 'ES',
    installation: 'main',
    host: { id: 'H-1', name: 'rip-01' },
    contracts: [{ id: 'c-1001', endsAt: CONTRACT_END }],
    entitledUntil: CONTRACT_END,
    options: [{ option: 'render-engine', quantity: 3, from: 1_767_222_000, until: MARCH_2 + 35 * DAY }],
    ...rest,
  },
  'XUiXSJ85wIkhETMzNcjt7rqZ8ywUjovhwkFu0qDQQKA_IqteAPCKpCI5whWJD6q_Q84YDUgMBI1ksgRYFNws-Q',
);

/** A starter file: no host, no options, sequence number 0. */
export const EXAMPLE_STARTER_FILE = compact(
  {
    ...common,
    jti: '5e2f8d7c-6b1a-4903-8e7f-0a1b2c3d4e5f',
    seq: 0,
    iat: MARCH_2,
    exp: MARCH_2 + 30 * DAY,
    customer: { id: 'acme', name: 'Acme Print' },
    product: 'ES',
    installation: 'main',
    contracts: [{ id: 'c-1001', endsAt: CONTRACT_END }],
    options: [],
    ...rest,
  },
  'MpDVGFdCaN5whcp3neHkTD__0TyeyFvvQGQMY0b_g3_bnB0hNnDnw1JT--1ntKFur90bfumN_cxDRhWtz41M4w',
);
