import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { afterAll } from 'vitest';
import { addDeployment, type Deployment } from '../../infra/aws/deployment.ts';
import { type FunctionDefinition, functions } from '../../infra/functions.ts';

type Context = Readonly<Record<string, unknown>>;

/** For tests that synthesize: the first to do so loads the validator of templates, which can take seconds. */
export const SYNTH_MILLISECONDS = 120_000;

const assemblies = mkdtempSync(join(tmpdir(), 'psa-infra-'));
afterAll(() => rmSync(assemblies, { recursive: true, force: true }));

/** The CDK's own settings as they are deployed with; ours are each test's to give. */
const { context: deployed } = JSON.parse(
  readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8'),
) as { context: Context };
const cdkFlags = Object.fromEntries(Object.entries(deployed).filter(([name]) => name.includes(':')));

export function newApp(context: Context): App {
  const outdir = mkdtempSync(join(assemblies, 'app-'));
  return new App({
    context: { ...cdkFlags, ...context },
    outdir,
    analyticsReporting: false,
    treeMetadata: false,
  });
}

/** The deployment without bundling: its templates differ in nothing but the hashes of the code. */
export function deployment(context: Context = {}): Deployment & { readonly app: App } {
  const app = newApp({
    'aws:cdk:bundling-stacks': [],
    ...context,
  });
  return { app, ...addDeployment(app, functions) };
}

export type Templates = { readonly stateful: Template; readonly service: Template };

export function templates(context?: Context): Templates {
  const { stateful, service } = deployment(context);
  return { stateful: Template.fromStack(stateful), service: Template.fromStack(service) };
}

type Resource = {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
};

export function resourcesOf({ stateful, service }: Templates, type: string): Resource[] {
  return [stateful, service].flatMap((template) =>
    Object.values(template.findResources(type) as Record<string, Resource>),
  );
}

/** A value of a template as people know it: a physical name where one is given, else the logical id without its hash. */
export function readableName({ stateful, service }: Templates, value: unknown): string {
  if (typeof value === 'string') return value;
  const found =
    /"(?:Ref|Fn::GetAtt|Fn::ImportValue)":\[?"(?:.*:ExportsOutput(?:Ref|FnGetAtt))?(\w+?[0-9A-F]{8})/.exec(
      JSON.stringify(value),
    );
  const id = found?.[1] ?? '';
  const { Resources } = {
    ...stateful.toJSON(),
    Resources: { ...stateful.toJSON().Resources, ...service.toJSON().Resources },
  };
  const { FunctionName, Name } = (Resources[id]?.Properties ?? {}) as Record<string, unknown>;
  return String(FunctionName ?? Name ?? id.slice(0, -8));
}

export function named(name: string): FunctionDefinition {
  const definition = functions.find((candidate) => candidate.name === name);
  if (definition === undefined) throw new Error(`There is no function ${name}.`);
  return definition;
}

export type Statement = {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: unknown;
};

/** The statements of a function's one role, with actions and resources as lists of text. */
export function statementsOf(all: Templates, functionName: string): Statement[] {
  const role = resourcesOf(all, 'AWS::IAM::Role').find(({ Properties }) =>
    String(Properties.Description).startsWith(`psa-accounts-dev-${functionName}: `),
  );
  const policies = role?.Properties.Policies as
    | { PolicyDocument: { Statement: RawStatement[] } }[]
    | undefined;
  if (policies === undefined) throw new Error(`${functionName} has no role.`);
  return policies.flatMap(({ PolicyDocument }) =>
    PolicyDocument.Statement.map((statement) => ({
      ...statement,
      Action: listOf(statement.Action).map(String),
      Resource: listOf(statement.Resource).map((resource) =>
        typeof resource === 'string' ? resource : JSON.stringify(resource),
      ),
    })),
  );
}

type RawStatement = Omit<Statement, 'Action' | 'Resource'> & {
  readonly Action: unknown;
  readonly Resource: unknown;
};

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}
