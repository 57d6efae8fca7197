import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { publishedOperations } from '../../lambdas/core/api/public-operations.ts';
import type { PublishedEnv } from '../../lambdas/published/env.ts';
import type { StageConfig } from '../config.ts';
import type { LicensingApi } from './licensing-api.ts';
import { LicensingFunction } from './licensing-function.ts';

export interface PublishedEndpointsProps {
  readonly config: StageConfig;
  readonly api: LicensingApi;
}

/** What the service says about itself: the description of its API, schemas, the terms of a transfer. */
export class PublishedEndpoints extends Construct {
  readonly functions: Readonly<Record<'published', LicensingFunction>>;

  constructor(scope: Construct, id: string, props: PublishedEndpointsProps) {
    super(scope, id);
    this.functions = { published: this.published(props) };
  }

  private published({ config, api }: PublishedEndpointsProps): LicensingFunction {
    const published = new LicensingFunction(this, 'Published', {
      config,
      folder: 'published',
      description: 'Describes the API, and shows the terms of a transfer',
      memoryMiB: 256,
      timeout: Duration.seconds(10),
    });
    published.setEnvironment({
      API_URL: api.url(),
      DOCUMENTATION_URL: config.documentationUrl,
    } satisfies Record<keyof PublishedEnv, string>);
    api.addPublicRoutes(published, publishedOperations, {
      limit: config.throttles.keys,
      reason: 'The description of the API and the terms are public; nothing of a customer is in them.',
    });
    return published;
  }
}
