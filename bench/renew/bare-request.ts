import type { PutItemCommandInput, UpdateItemCommandInput } from '@aws-sdk/client-dynamodb';
import type { MessageType, SigningAlgorithmSpec } from '@aws-sdk/client-kms';

/** The inputs of a renewal's calls, as they went over the wire: bytes are base64. The batch read names nothing but keys. */
export interface RecordedCalls {
  readonly Sign: {
    readonly SigningAlgorithm: SigningAlgorithmSpec;
    readonly MessageType: MessageType;
    readonly Message: string;
  };
  readonly PutItem: PutItemCommandInput & { readonly Item: NonNullable<PutItemCommandInput['Item']> };
  readonly UpdateItem: UpdateItemCommandInput;
}

/** Headers that name the license and its customer; the file itself is not read. */
export const LICENSE_HEADER = 'bench-license';
export const CUSTOMER_HEADER = 'bench-customer';
