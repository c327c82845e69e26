import { readFileSync } from 'node:fs';
import { Match } from 'aws-cdk-lib/assertions';
import { expect, test } from 'vitest';
import { eventsPage, eventsSchema } from '../../infra/events/documents.ts';
import { EVENTS } from '../../shared/events.ts';
import { templates } from './support.ts';

const { service } = templates();
const written = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');

test('docs/events.md and its schema are what shared/events.ts says (npm run events)', () => {
  expect(written('events.md')).toBe(eventsPage());
  expect(written('events.schema.json')).toBe(`${JSON.stringify(eventsSchema(), undefined, 2)}\n`);
});

test('every kind of event has its version, its row and its schema', () => {
  const schema = eventsSchema() as { $defs: Record<string, { properties: { detail: object } }> };
  for (const type of Object.keys(EVENTS)) {
    expect(written('events.md')).toContain(`| ${type} |`);
    expect(schema.$defs[type.replaceAll(' ', '')]?.properties.detail).toMatchObject({
      properties: { version: { const: 1 }, id: { type: 'string' }, tenant: { type: 'string' } },
      additionalProperties: false,
    });
  }
});

test('each stage has a bus of its own, and one function that may put events on it', () => {
  service.hasResourceProperties('AWS::Events::EventBus', { Name: 'psa-accounts-dev' });
  service.hasResourceProperties('AWS::Lambda::Function', {
    FunctionName: 'psa-accounts-dev-fan-out',
    Environment: {
      Variables: Match.objectLike({ EVENT_BUS_NAME: { Ref: Match.stringLikeRegexp('^Events') } }),
    },
  });
});

test('the reconciliation runs every day, and repairs', () => {
  service.hasResourceProperties('AWS::Events::Rule', {
    ScheduleExpression: 'rate(1 day)',
    Targets: [Match.objectLike({ Input: '{"repair":true,"resume":true}' })],
  });
});
