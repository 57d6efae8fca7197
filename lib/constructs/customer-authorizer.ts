import { Annotations, Duration, Validations } from 'aws-cdk-lib';
import type { IHttpRouteAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import {
  AccountRecovery,
  CfnManagedLoginBranding,
  FeaturePlan,
  LambdaVersion,
  ManagedLoginVersion,
  OAuthScope,
  UserPool,
  UserPoolClientIdentityProvider,
  UserPoolEmail,
  UserPoolOperation,
  type UserPoolClient,
} from 'aws-cdk-lib/aws-cognito';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { domainOf, type StageConfig, type StageName } from '../config.ts';
import type { LicensingFunction } from './licensing-function.ts';
import type { Mail } from './mail.ts';
import { removalPolicyOf } from './removal.ts';

export interface CustomerAuthorizerProps {
  readonly stage: StageName;
  readonly config: StageConfig;
  /** Owns the domain in whose name codes are sent. */
  readonly mail: Mail;
}

/** What functions that reach the user pool are told; nothing where there is none. */
type PoolAddress = Readonly<Partial<Record<'USER_POOL_ID', string>>>;

type CognitoIdentity = Extract<StageConfig['portal']['identity'], { kind: 'cognito' }>;

/** Who says who the customers' people are, and the check of their tokens before any function of theirs runs. */
export class CustomerAuthorizer extends Construct {
  readonly authorizer: IHttpRouteAuthorizer;
  /** `iss` of the tokens. */
  readonly issuer: string;
  /** What the portal calls itself to the issuer; its tokens name it as `aud` or `client_id`. */
  readonly clientId: string;
  /** Address of our sign-in page; undefined where the issuer is not ours. */
  readonly signInUrl: string | undefined;
  /** What functions are told about the tokens: names of claims that are not the usual ones. */
  readonly environment: Readonly<Record<string, string>>;
  private readonly pool: UserPool | undefined;

  constructor(scope: Construct, id: string, { stage, config, mail }: CustomerAuthorizerProps) {
    super(scope, id);
    const { identity } = config.portal;
    let audiences: readonly string[];
    if (identity.kind === 'cognito') {
      this.pool = this.userPool(stage, config, identity, mail);
      const client = this.client(this.pool, identity);
      this.signInUrl = this.signInPage(this.pool, client, identity);
      this.issuer = this.pool.userPoolProviderUrl;
      this.clientId = client.userPoolClientId;
      this.environment = {};
      audiences = [this.clientId];
    } else {
      this.issuer = identity.issuer;
      this.clientId = identity.audiences[0] ?? '';
      audiences = identity.audiences;
      const { customer, role } = identity.claims;
      this.environment = {
        ...(customer === 'customer' ? {} : { CUSTOMER_CLAIM: customer }),
        ...(role === 'role' ? {} : { ROLE_CLAIM: role }),
      };
    }
    this.authorizer = new HttpJwtAuthorizer('Customers', this.issuer, { jwtAudience: [...audiences] });
  }

  /** Has the function say in every token for whom its owner acts. No user pool: nothing. */
  addTriggers(identity: LicensingFunction): void {
    // The cast: an Alias declares `role` as a possible undefined, which exactOptionalPropertyTypes tells from absent.
    const target = identity.live as IFunction;
    // Only the second version of the event may change access tokens, which are what the API takes.
    this.pool?.addTrigger(UserPoolOperation.PRE_TOKEN_GENERATION_CONFIG, target, LambdaVersion.V2_0);
  }

  /** To make the accounts of members. No user pool: nothing. */
  grantCreateAccounts(grantee: LicensingFunction): PoolAddress {
    return this.grant(grantee, 'CreateAccounts', ['cognito-idp:AdminCreateUser']);
  }

  /** To make the accounts of members, and to delete them with their last membership. No user pool: nothing. */
  grantKeepAccounts(grantee: LicensingFunction): PoolAddress {
    return this.grant(grantee, 'KeepAccounts', [
      'cognito-idp:AdminCreateUser',
      'cognito-idp:AdminDeleteUser',
    ]);
  }

  private grant(grantee: LicensingFunction, sid: string, actions: string[]): PoolAddress {
    if (!this.pool) return {};
    grantee.allow({ sid, actions, resources: [this.pool.userPoolArn] });
    return { USER_POOL_ID: this.pool.userPoolId };
  }

  private userPool(
    stage: StageName,
    config: StageConfig,
    { codesFrom }: CognitoIdentity,
    mail: Mail,
  ): UserPool {
    const { from, replyTo } = config.mail;
    const pool = new UserPool(this, 'Pool', {
      userPoolName: `licensing-${stage}`,
      featurePlan: FeaturePlan.ESSENTIALS,
      // Whoever signs up sets a password, also somebody else for an address that is not theirs. Members get accounts without one.
      selfSignUpEnabled: false,
      signInAliases: { email: true },
      signInCaseSensitive: false,
      autoVerify: { email: true },
      // An address is what a member was invited by: a new one must be proven before it replaces the old one.
      keepOriginal: { email: true },
      standardAttributes: { email: { required: true, mutable: true } },
      // Cognito insists on allowing passwords beside the codes. An account has none unless its owner, signed in by a code, sets one.
      signInPolicy: { allowedFirstAuthFactors: { password: true, emailOtp: true } },
      passwordPolicy: {
        minLength: 16,
        requireDigits: true,
        requireLowercase: true,
        requireSymbols: true,
        requireUppercase: true,
      },
      accountRecovery: AccountRecovery.NONE,
      email:
        codesFrom === 'cognito'
          ? UserPoolEmail.withCognito(replyTo)
          : UserPoolEmail.withSES({
              fromEmail: from,
              sesRegion: config.region,
              sesVerifiedDomain: domainOf(from),
              ...(replyTo === undefined ? {} : { replyTo }),
            }),
      deletionProtection: config.deletionProtection,
      removalPolicy: removalPolicyOf(config),
    });
    if (codesFrom === 'mail') {
      pool.node.addDependency(mail);
      // What Cognito says where it is not does not tell what to do.
      Annotations.of(pool).addInfo(
        `Codes are sent from ${from}: SES must have verified ${domainOf(from)}. For the first deployment, before it has, set portal.identity.codesFrom to 'cognito' (docs/sign-in.md).`,
      );
    }
    acknowledge(pool, {
      COG2: 'Cognito allows no second factor where a code by e-mail may be the first; the mailbox is the one that gets the alerts.',
      COG3: 'Threat protection judges passwords, which hardly anybody has here, and needs a plan at several times the price.',
      COG8: 'The plan Plus adds threat protection for passwords, which hardly anybody has here, at several times the price.',
    });
    return pool;
  }

  /** The portal: a page in the browser, which can keep no secret. */
  private client(pool: UserPool, { callbackUrls, logoutUrls }: CognitoIdentity): UserPoolClient {
    return pool.addClient('Portal', {
      generateSecret: false,
      authFlows: { user: true },
      oAuth: {
        flows: { authorizationCodeGrant: true },
        scopes: [OAuthScope.OPENID, OAuthScope.EMAIL],
        callbackUrls: [...callbackUrls],
        logoutUrls: [...logoutUrls],
      },
      supportedIdentityProviders: [UserPoolClientIdentityProvider.COGNITO],
      // A removed member or a role that was taken away is noticed by the next token.
      accessTokenValidity: Duration.minutes(15),
      idTokenValidity: Duration.minutes(15),
      refreshTokenValidity: Duration.days(30),
      enableTokenRevocation: true,
      // Whether an address has an account is nobody's business.
      preventUserExistenceErrors: true,
    });
  }

  private signInPage(pool: UserPool, client: UserPoolClient, { domainPrefix }: CognitoIdentity): string {
    const domain = pool.addDomain('SignInPage', {
      cognitoDomain: { domainPrefix },
      managedLoginVersion: ManagedLoginVersion.NEWER_MANAGED_LOGIN,
    });
    // The newer pages exist for a client only once it has a style.
    new CfnManagedLoginBranding(this, 'SignInStyle', {
      userPoolId: pool.userPoolId,
      clientId: client.userPoolClientId,
      useCognitoProvidedValues: true,
    });
    return domain.baseUrl();
  }
}

function acknowledge(pool: UserPool, reasons: Readonly<Record<string, string>>): void {
  for (const [rule, reason] of Object.entries(reasons))
    Validations.of(pool).acknowledge({ id: `AwsSolutions-${rule}`, reason });
}
