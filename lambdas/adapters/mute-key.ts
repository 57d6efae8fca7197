import { GenerateMacCommand, VerifyMacCommand, type KMSClient } from '@aws-sdk/client-kms';
import * as z from 'zod/mini';
import { ALERT_KINDS } from '../core/alerts/kinds.ts';
import type { MutedContact } from '../core/alerts/mutes.ts';

const ALGORITHM = 'HMAC_SHA_256';

/** Longer than any token of ours. */
const MAX_TOKEN_LENGTH = 1_024;
const SHAPE = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{43})$/;

/** Whom a token takes off which kind of e-mail. */
const contactSchema = z.strictObject({
  customerId: z.string(),
  email: z.string(),
  kind: z.enum(ALERT_KINDS),
});

/** Tokens in e-mails that let their reader stop a kind of e-mail, and nothing else. They are good for ever. */
export class MuteTokens {
  private readonly client: KMSClient;
  private readonly keyId: string;

  constructor(client: KMSClient, keyId: string) {
    this.client = client;
    this.keyId = keyId;
  }

  async tokenFor(contact: MutedContact): Promise<string> {
    const payload = Buffer.from(JSON.stringify(contact)).toString('base64url');
    const { Mac } = await this.client.send(
      new GenerateMacCommand({
        KeyId: this.keyId,
        MacAlgorithm: ALGORITHM,
        Message: Buffer.from(payload),
      }),
    );
    if (!Mac) throw new Error('KMS answered without a MAC');
    return `${payload}.${Buffer.from(Mac).toString('base64url')}`;
  }

  /** What a token says; undefined for one that is not ours. What has not even its shape costs no call. */
  async read(token: string): Promise<MutedContact | undefined> {
    const [, payload, mac] = (token.length <= MAX_TOKEN_LENGTH && SHAPE.exec(token)) || [];
    if (payload === undefined || mac === undefined) return undefined;
    const contact = contactIn(payload);
    if (!contact) return undefined;
    try {
      await this.client.send(
        new VerifyMacCommand({
          KeyId: this.keyId,
          MacAlgorithm: ALGORITHM,
          Message: Buffer.from(payload),
          Mac: Buffer.from(mac, 'base64url'),
        }),
      );
      return contact;
    } catch (error) {
      if (error instanceof Error && error.name === 'KMSInvalidMacException') return undefined;
      throw error;
    }
  }
}

function contactIn(payload: string): MutedContact | undefined {
  try {
    const parsed = contactSchema.safeParse(JSON.parse(Buffer.from(payload, 'base64url').toString()));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
