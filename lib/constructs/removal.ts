import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { StageConfig } from '../config.ts';

/** What becomes of a resource that keeps something when the stack goes. */
export const removalPolicyOf = ({ removal }: StageConfig): RemovalPolicy =>
  removal === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;

/** The same for keys: those that go do so after the shortest time that KMS knows. */
export const keyRemovalOf = (config: StageConfig) => ({
  removalPolicy: removalPolicyOf(config),
  ...(config.removal === 'destroy' ? { pendingWindow: Duration.days(7) } : {}),
});
