import { App } from 'aws-cdk-lib';
import { loadStages, stageNamed, STAGE_NAMES, type StageConfigs, type StageName } from './config.ts';
import { LicensingStack } from './licensing-stack.ts';

/**
 * Behaviour of the CDK that is chosen and not inherited. It stands here and not in cdk.json because tests and the local run
 * synthesize without the CLI: the template they see must be the deployed one.
 */
const CDK_CONTEXT = {
  // One statement per grant, each with its name, so that a reader sees what a permission is for.
  '@aws-cdk/aws-iam:minimizePolicies': false,
  '@aws-cdk/aws-apigateway:logGroupDestinationArnWithoutWildcard': true,
  '@aws-cdk/aws-lambda:recognizeLayerVersion': true,
  '@aws-cdk/core:checkSecretUsage': true,
  '@aws-cdk/core:validateSnapshotRemovalPolicy': true,
  // Findings of the CDK's own template checks stop the synthesis.
  '@aws-cdk/core:validateAgainstDefaultRules': true,
};

export interface LicensingAppProps {
  /** Stages to put into the app. @default - all */
  readonly stages?: readonly StageName[];
  /** Configuration of the stages. @default - the one of this deployment */
  readonly configs?: StageConfigs;
  /** Folder of the cloud assembly. @default - the one the CLI gives, or a temporary one */
  readonly outdir?: string;
  /** Whether functions are bundled; without it their code is a placeholder. @default - what the CLI asks for */
  readonly bundling?: boolean;
  /** Whether the CDK checks the template against its own rules. @default true */
  readonly validation?: boolean;
}

/** The whole app: one stack per stage, named `licensing-<stage>`. */
export function createApp(props: LicensingAppProps = {}): App {
  const configs = props.configs ?? loadStages();
  const app = new App({
    context: CDK_CONTEXT,
    ...(props.outdir === undefined ? {} : { outdir: props.outdir }),
    ...(props.bundling === undefined
      ? {}
      : {
          // What the CLI would set; the second tells in the template which folder holds the bundle of a function.
          postCliContext: {
            'aws:cdk:bundling-stacks': props.bundling ? ['**'] : [],
            'aws:cdk:enable-asset-metadata': true,
          },
        }),
    builtinCloudFormationValidation: props.validation ?? true,
    analyticsReporting: false,
  });
  for (const name of props.stages ?? STAGE_NAMES) {
    new LicensingStack(app, stackNameOf(name), { stage: name, config: configs[name] });
  }
  return app;
}

export const stackNameOf = (stage: StageName): string => `licensing-${stage}`;

export interface SynthesizedStage {
  readonly stackName: string;
  /** Folder of the cloud assembly; `aws:asset:path` in the metadata of a function is the folder of its bundle in it. */
  readonly directory: string;
  /** File of the template in JSON. */
  readonly templateFile: string;
}

/**
 * Synthesizes one stage without the CLI and without the checks that the CLI's way runs, in about the time that bundling takes.
 * @throws {ConfigurationError} for a stage that does not exist or is not valid.
 */
export function synthesizeStage(
  stage: string,
  options: {
    /** Folder of the cloud assembly. */
    readonly outdir: string;
    /** @default true */
    readonly bundling?: boolean;
  },
): SynthesizedStage {
  const name = stageNamed(stage);
  const app = createApp({
    stages: [name],
    outdir: options.outdir,
    bundling: options.bundling ?? true,
    validation: false,
  });
  const assembly = app.synth();
  const { templateFullPath } = assembly.getStackArtifact(stackNameOf(name));
  return { stackName: stackNameOf(name), directory: assembly.directory, templateFile: templateFullPath };
}
