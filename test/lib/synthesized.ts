import { Stack, type App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { createApp, stackNameOf } from '../../lib/app.ts';
import { loadStages, STAGE_NAMES, type StageConfigs, type StageName } from '../../lib/config.ts';

export interface Resource {
  readonly logicalId: string;
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
  readonly DependsOn?: readonly string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

export interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource?: unknown;
  readonly Principal?: unknown;
  readonly Condition?: unknown;
}

/** A synthesized stack, without bundles: the code of functions is a placeholder. */
export class SynthesizedStack {
  readonly template: Template;
  readonly resources: readonly Resource[];
  readonly terminationProtection: boolean;

  constructor(app: App, stage: StageName) {
    const stack = Stack.of(app.node.findChild(stackNameOf(stage)));
    this.template = Template.fromStack(stack);
    this.terminationProtection = stack.terminationProtection;
    const { Resources } = this.template.toJSON() as {
      Resources: Record<string, Omit<Resource, 'logicalId'>>;
    };
    this.resources = Object.entries(Resources).map(([logicalId, resource]) => ({ logicalId, ...resource }));
  }

  ofType(type: string): Resource[] {
    return this.resources.filter(({ Type }) => Type === type);
  }

  /** The only resource of that type whose logical id starts like this. */
  one(type: string, idPrefix = ''): Resource {
    const found = this.ofType(type).filter(({ logicalId }) => logicalId.startsWith(idPrefix));
    if (found.length !== 1) throw new Error(`${found.length} of ${type} start with "${idPrefix}"`);
    return found[0]!;
  }

  /** Statements of all policies attached to a role. */
  statementsOf(role: Resource): Statement[] {
    return this.ofType('AWS::IAM::Policy')
      .filter(({ Properties }) =>
        (Properties['Roles'] as unknown[]).some((to) => targetOf(to) === role.logicalId),
      )
      .flatMap(({ Properties }) => statementsIn(Properties['PolicyDocument']));
  }

  /** The function of a folder under `lambdas/`. */
  functionOf(folder: string): Resource {
    const found = this.ofType('AWS::Lambda::Function').find(
      (resource) => environmentOf(resource)['POWERTOOLS_SERVICE_NAME'] === folder,
    );
    if (!found) throw new Error(`There is no function ${folder}`);
    return found;
  }

  /** The role of the function of a folder under `lambdas/`. */
  roleOf(folder: string): Resource {
    const roleId = targetOf(this.functionOf(folder).Properties['Role']);
    return this.ofType('AWS::IAM::Role').find(({ logicalId }) => logicalId === roleId)!;
  }
}

/** All stages, or those given, synthesized without bundling; `configs` replaces the deployment's own. */
export function synthesize(
  options: { readonly stages?: readonly StageName[]; readonly configs?: StageConfigs } = {},
): { readonly app: App; readonly stacks: Readonly<Record<StageName, SynthesizedStack>> } {
  const stages = options.stages ?? STAGE_NAMES;
  const app = createApp({
    stages,
    configs: options.configs ?? loadStages(),
    bundling: false,
    validation: false,
  });
  const stacks = Object.fromEntries(stages.map((stage) => [stage, new SynthesizedStack(app, stage)]));
  return { app, stacks: stacks as Record<StageName, SynthesizedStack> };
}

export const statementsIn = (document: unknown): Statement[] =>
  (document as { Statement: Statement[] }).Statement;

export const environmentOf = ({ Properties }: Resource): Record<string, unknown> =>
  (Properties['Environment'] as { Variables: Record<string, unknown> }).Variables;

/** The logical id that a `Ref` or `Fn::GetAtt` points to. */
export function targetOf(value: unknown): string | undefined {
  const { Ref, 'Fn::GetAtt': attribute } = value as { Ref?: string; 'Fn::GetAtt'?: [string, string] };
  return Ref ?? attribute?.[0];
}

/** The value with its references written as text, `<Key.Arn>`, so that ARNs can be compared. */
export function readable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value !== 'object' || value === null) return value;
  const { Ref, 'Fn::GetAtt': attribute, 'Fn::Join': join } = value as Record<string, unknown>;
  if (typeof Ref === 'string') return `<${withoutHash(Ref)}>`;
  if (Array.isArray(attribute)) return `<${withoutHash(String(attribute[0]))}.${String(attribute[1])}>`;
  if (Array.isArray(join)) return (join[1] as unknown[]).map(readable).join(String(join[0]));
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, readable(member)]));
}

/** Logical ids end with eight hexadecimal digits, which say nothing. */
const withoutHash = (logicalId: string): string => logicalId.replace(/[0-9A-F]{8}$/, '');
