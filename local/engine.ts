/** A running DynamoDB engine. */
export interface Engine {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * `embedded`: dynalite with its data in the data folder; `memory`: dynalite that forgets; `dynamodb-local`: Amazon's DynamoDB
 * Local with its data in the data folder; an address: an engine that runs already.
 */
export type EngineChoice = 'embedded' | 'memory' | 'dynamodb-local' | { readonly url: string };
