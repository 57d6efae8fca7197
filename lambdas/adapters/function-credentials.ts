import type { DynamoDBClientResolvedConfig } from '@aws-sdk/client-dynamodb';

/**
 * Bundled in the place of the SDK's own chain of providers (lib/constructs/licensing-function.ts): a function finds its
 * credentials in its environment and nowhere else, and the clients for single sign-on and the like, which it never calls,
 * are a fifth of a bundle.
 */
export const defaultProvider = () => (): ReturnType<DynamoDBClientResolvedConfig['credentials']> => {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) {
    return Promise.reject(new Error('The environment holds no credentials'));
  }
  return Promise.resolve({
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN ? { sessionToken: AWS_SESSION_TOKEN } : {}),
  });
};
