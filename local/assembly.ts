import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod/mini';
import { LocalRunError } from './local-run-error.ts';

const manifestSchema = z.object({
  artifacts: z.record(
    z.string(),
    z.object({
      type: z.string(),
      /** `aws://account/region` */
      environment: z.optional(z.string()),
      properties: z.optional(z.object({ templateFile: z.optional(z.string()) })),
    }),
  ),
});

const templateSchema = z.object({
  Resources: z.record(
    z.string(),
    z.object({ Type: z.string(), Properties: z.optional(z.record(z.string(), z.unknown())) }),
  ),
});

const assetsSchema = z.object({
  files: z.record(
    z.string(),
    z.object({
      source: z.object({ path: z.optional(z.string()) }),
      destinations: z.record(z.string(), z.object({ objectKey: z.string() })),
    }),
  ),
});

export interface Resource {
  readonly logicalId: string;
  readonly type: string;
  /** With intrinsic functions unresolved. */
  readonly properties: Readonly<Record<string, unknown>>;
}

/** The stack of a synthesized app (a `cdk.out` folder with one stack). */
export interface Assembly {
  readonly stackName: string;
  /** Region that the stage is made for; undefined where any will do. */
  readonly region: string | undefined;
  readonly resources: ReadonlyMap<string, Resource>;
  /** Folder of the asset that the template names by its object key. */
  assetFolder(objectKey: string): string;
}

/** @throws {LocalRunError} where the folder holds no synthesized app of one stack. */
export function readAssembly(folder: string): Assembly {
  const read = <Schema extends z.ZodMiniType>(file: string, schema: Schema): z.output<Schema> => {
    const path = join(folder, file);
    try {
      return schema.parse(JSON.parse(readFileSync(path, 'utf8')));
    } catch (error) {
      throw new LocalRunError(`${path} is not what the CDK synthesizes: synthesize again`, { cause: error });
    }
  };
  const stacks = Object.entries(read('manifest.json', manifestSchema).artifacts).filter(
    ([, { type }]) => type === 'aws:cloudformation:stack',
  );
  const [stack] = stacks;
  if (stack === undefined || stacks.length > 1) {
    throw new LocalRunError(`${folder} holds ${stacks.length} stacks: the local run takes one`);
  }
  const [stackName, { environment, properties }] = stack;
  const region = environment?.split('/').at(-1);
  const templateFile = properties?.templateFile ?? `${stackName}.template.json`;
  const template = read(templateFile, templateSchema);
  const assets = read(templateFile.replace(/template\.json$/, 'assets.json'), assetsSchema);
  return {
    stackName,
    region: region === 'unknown-region' ? undefined : region,
    resources: new Map(
      Object.entries(template.Resources).map(([logicalId, { Type, Properties }]) => [
        logicalId,
        { logicalId, type: Type, properties: Properties ?? {} },
      ]),
    ),
    assetFolder(objectKey) {
      const asset = Object.values(assets.files).find(({ destinations }) =>
        Object.values(destinations).some((destination) => destination.objectKey === objectKey),
      );
      if (asset?.source.path === undefined)
        throw new LocalRunError(`the template names no asset folder for ${objectKey}`);
      return join(folder, dirname(templateFile), asset.source.path);
    },
  };
}
