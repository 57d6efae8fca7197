import { runSimulation } from '@cloud-copilot/iam-simulate';
import { readAssembly, type Assembly, type Resource } from '../../local/assembly.ts';
import { referenceIn, resolve } from '../../local/intrinsics.ts';
import type { AwsCall } from './aws-proxy.ts';
import { contextOf, type AwsRequest, type RequestedResource } from './request-context.ts';

const ACCOUNT = '123456789012';
const REGION = 'eu-west-1';

interface Statement {
  readonly Sid: string;
  readonly Action: string | readonly string[];
}

interface Policy {
  readonly Version: string;
  readonly Statement: readonly Statement[];
}

/** A permission of a role, one action of one statement: `RenewLicenses dynamodb:GetItem`. */
export type Permission = string;

export interface Verdict {
  readonly allowed: boolean;
  /** Permissions of the function's role that allow the request. */
  readonly permissions: readonly Permission[];
}

/** What a running function was told, to find the resource of the template behind a name. */
export interface RunningFunction {
  readonly name: string;
  readonly logicalId: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** The roles and key policies of a synthesized stack, to judge calls by as IAM does. */
export class Permissions {
  private readonly assembly: Assembly;
  /** Role of each function, by the function's name. */
  private readonly roles = new Map<string, string>();
  /** Logical ids of tables and keys by the names that functions know them by. */
  private readonly resources = new Map<string, string>();

  constructor(assemblyFolder: string, functions: readonly RunningFunction[]) {
    this.assembly = readAssembly(assemblyFolder);
    for (const { name, logicalId, environment } of functions) {
      const { properties } = this.resource(logicalId);
      this.roles.set(name, this.referenceOf(properties['Role']));
      const { Variables } = properties['Environment'] as { Variables: Record<string, unknown> };
      for (const [variable, value] of Object.entries(Variables)) {
        const target = referenceIn(value);
        if (target !== undefined) this.resources.set(environment[variable] ?? '', target);
      }
    }
  }

  /** Every permission of a function's role. */
  permissionsOf(functionName: string): Permission[] {
    return this.policiesOf(this.roleOf(functionName)).flatMap(({ Statement }) =>
      Statement.flatMap(({ Sid, Action }) => [Action].flat().map((action) => permission(Sid, action))),
    );
  }

  /** What the role has beyond inline policies: managed ones that the simulation would not see. */
  managedPoliciesOf(functionName: string): unknown[] {
    const { properties } = this.resource(this.roleOf(functionName));
    return [properties['ManagedPolicyArns'] ?? []].flat();
  }

  /** Judges a recorded call; a batch is one request for each table. */
  async judge(call: AwsCall): Promise<Verdict[]> {
    const requests = contextOf(call, (table) => this.keyAttributesOf(table));
    return Promise.all(requests.map((request) => this.judgeRequest(call.functionName, request)));
  }

  private async judgeRequest(functionName: string, request: AwsRequest): Promise<Verdict> {
    const role = this.roleOf(functionName);
    const { arn, keyPolicy } = this.requested(request.resource);
    const simulation = await runSimulation(
      {
        request: {
          principal: `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/${functionName}`,
          action: request.action,
          resource: { resource: arn, accountId: ACCOUNT },
          contextVariables: {
            'aws:PrincipalArn': this.arnOf(this.resource(role), 'Arn'),
            'aws:PrincipalAccount': ACCOUNT,
            ...request.context,
          },
        },
        identityPolicies: this.policiesOf(role).map((policy, index) => ({
          name: `${role}-${index}`,
          policy,
        })),
        resourcePolicy: keyPolicy,
        serviceControlPolicies: [],
        resourceControlPolicies: [],
      },
      {},
    );
    if (simulation.resultType !== 'single') {
      throw new Error(`${request.action} cannot be simulated: ${JSON.stringify(simulation)}`);
    }
    const { analysis, ignoredContextKeys = [] } = simulation.result;
    if (ignoredContextKeys.length > 0) {
      throw new Error(`${request.action} knows no ${ignoredContextKeys.join(', ')}`);
    }
    return {
      allowed: analysis.result === 'Allowed',
      permissions: (analysis.identityAnalysis?.allowStatements ?? []).map(({ statement }) =>
        permission(statement.sid() ?? '', request.action),
      ),
    };
  }

  /** What a request is about, and the policy that it has itself. */
  private requested(resource: RequestedResource): { arn: string; keyPolicy?: unknown } {
    if ('schedule' in resource) {
      const { schedule, group } = resource;
      if (group === undefined) return { arn: '*' };
      const groupId = this.resources.get(group) ?? group;
      return { arn: `arn:aws:scheduler:${REGION}:${ACCOUNT}:schedule/${this.nameOf(groupId)}/${schedule}` };
    }
    if ('type' in resource) {
      const found = [...this.assembly.resources.values()].find(({ type }) => type === resource.type);
      if (!found) throw new Error(`The template has no ${resource.type}`);
      return { arn: this.arnOf(found, 'Arn') };
    }
    const target = this.resourceNamed(resource.name);
    const arn = this.arnOf(target, 'Arn');
    if (target.type === 'AWS::KMS::Key') {
      return { arn, keyPolicy: this.resolved(target.properties['KeyPolicy']) };
    }
    return { arn: resource.index === undefined ? arn : `${arn}/index/${resource.index}` };
  }

  /** The name that the template gives to a resource. */
  private nameOf(logicalId: string): string {
    const name = this.assembly.resources.get(logicalId)?.properties['Name'];
    return typeof name === 'string' ? name : logicalId;
  }

  private keyAttributesOf(tableName: string): string[] {
    const schema = this.resourceNamed(tableName).properties['KeySchema'] as { AttributeName: string }[];
    return schema.map(({ AttributeName }) => AttributeName);
  }

  private roleOf(functionName: string): string {
    const role = this.roles.get(functionName);
    if (role === undefined) throw new Error(`The template has no function ${functionName}`);
    return role;
  }

  private policiesOf(role: string): Policy[] {
    const inline = (this.resource(role).properties['Policies'] ?? []) as { PolicyDocument: unknown }[];
    const attached = [...this.assembly.resources.values()].filter(
      ({ type, properties }) =>
        type === 'AWS::IAM::Policy' &&
        (properties['Roles'] as unknown[]).some((to) => referenceIn(to) === role),
    );
    const documents = [...inline, ...attached.map(({ properties }) => properties)].map(
      (holder) => (holder as { PolicyDocument: unknown }).PolicyDocument,
    );
    return documents.map((document) => this.resolved(document) as Policy);
  }

  private resolved(value: unknown): unknown {
    return resolve(value, (logicalId, attribute) => {
      const pseudo = PSEUDO_PARAMETERS[logicalId];
      return pseudo ?? this.arnOf(this.resource(logicalId), attribute);
    });
  }

  /** Names of their own for all resources, in the shape that AWS gives them. */
  private arnOf({ logicalId, type }: Resource, attribute: string | undefined): string {
    if (attribute !== 'Arn') return logicalId;
    switch (type) {
      case 'AWS::DynamoDB::GlobalTable':
        return `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${logicalId}`;
      case 'AWS::KMS::Key':
        return `arn:aws:kms:${REGION}:${ACCOUNT}:key/${logicalId}`;
      case 'AWS::IAM::Role':
        return `arn:aws:iam::${ACCOUNT}:role/${logicalId}`;
      case 'AWS::SES::EmailIdentity':
        return `arn:aws:ses:${REGION}:${ACCOUNT}:identity/${logicalId}`;
      case 'AWS::SES::ConfigurationSet':
        return `arn:aws:ses:${REGION}:${ACCOUNT}:configuration-set/${logicalId}`;
      case 'AWS::Cognito::UserPool':
        return `arn:aws:cognito-idp:${REGION}:${ACCOUNT}:userpool/${logicalId}`;
      case 'AWS::SQS::Queue':
        return `arn:aws:sqs:${REGION}:${ACCOUNT}:${logicalId}`;
      case 'AWS::Logs::LogGroup':
        return `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:${logicalId}:*`;
      default:
        throw new Error(`No ARN is known for ${type}`);
    }
  }

  private resourceNamed(name: string): Resource {
    return this.resource(this.resources.get(name) ?? name);
  }

  private resource(logicalId: string): Resource {
    const resource = this.assembly.resources.get(logicalId);
    if (resource === undefined) throw new Error(`The template has no resource ${logicalId}`);
    return resource;
  }

  private referenceOf(value: unknown): string {
    const reference = referenceIn(value);
    if (reference === undefined) throw new Error(`No reference: ${JSON.stringify(value)}`);
    return reference;
  }
}

const permission = (sid: string, action: string): Permission => `${sid} ${action}`;

const PSEUDO_PARAMETERS: Readonly<Record<string, string>> = {
  'AWS::AccountId': ACCOUNT,
  'AWS::Partition': 'aws',
  'AWS::Region': REGION,
  'AWS::URLSuffix': 'amazonaws.com',
};
