import { EVENT_SOURCE, EVENTS } from '../../shared/events.ts';
import { type JsonSchema, jsonSchemaOf } from '../openapi/schemas.ts';

type Properties = Readonly<Record<string, { readonly type?: string; readonly enum?: readonly unknown[] }>>;

/** Fields that every event has are told once. */
const COMMON = ['version', 'id', 'tenant', 'actor', 'correlationId'];

/** One schema for each `detail-type`, of a whole event as a rule's target gets it. */
export function eventsSchema(): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Events of PSA accounts',
    oneOf: Object.keys(EVENTS).map((type) => ({ $ref: `#/$defs/${type.replaceAll(' ', '')}` })),
    $defs: Object.fromEntries(
      Object.entries(EVENTS).map(([type, { summary, detail }]) => [
        type.replaceAll(' ', ''),
        {
          type: 'object',
          description: summary,
          properties: {
            source: { const: EVENT_SOURCE },
            'detail-type': { const: type },
            time: { type: 'string', format: 'date-time' },
            detail: jsonSchemaOf(detail),
          },
          required: ['source', 'detail-type', 'time', 'detail'],
        },
      ]),
    ),
  };
}

export function eventsPage(): string {
  const rows = Object.entries(EVENTS).map(([type, { summary, detail }]) => {
    const { properties } = jsonSchemaOf(detail) as { properties: Properties };
    const own = Object.entries(properties).filter(([name]) => !COMMON.includes(name));
    return `| ${type} | ${summary} | ${own.map(fieldText).join(', ')} |`;
  });
  return `${[...HEAD, ...rows, ...TAIL].join('\n')}\n`;
}

function fieldText([name, schema]: [string, Properties[string]]): string {
  const values = schema.enum?.map((value) => `\`${value}\``).join(' ');
  return values === undefined ? `\`${name}\`` : `\`${name}\` (${values})`;
}

const HEAD = [
  '# Events',
  '',
  'Made of `shared/events.ts` by `npm run events`; `docs/events.schema.json` has the same as JSON Schema.',
  '',
  'Each stage has an event bus of its own, `psa-accounts-<stage>` (the output `EventBusName`). An event says what happened',
  'to whom, by number: never a name, an address or a secret. Who needs those reads them with a token of its own.',
  '',
  '```json',
  '{',
  `  "source": "${EVENT_SOURCE}",`,
  '  "detail-type": "Credential Set",',
  '  "time": "2026-01-31T12:00:00Z",',
  '  "detail": {',
  '    "version": 1,',
  '    "id": "TRDwkFqzCGDss_Xv66tgnA",',
  '    "tenant": "acme-msp",',
  '    "actor": { "kind": "owner", "id": 109025578 },',
  '    "correlationId": "NtRZkorojQ2x2+U=",',
  '    "employeeId": 109025578,',
  '    "by": "link"',
  '  }',
  '}',
  '```',
  '',
  '`version` is of the shape of this detail. Fields are only added to a version; whatever else has to change comes as a new',
  'one, told beside the old for a while. `id` is the same where an event is told again, which can happen: it is the audit',
  "record's. `actor.kind` is `employee`, `operator`, `owner` or `system`. `correlationId` is that of the request's reply.",
  'Events come within seconds after the change, in no promised order.',
  '',
  'A rule for all passwords that were set:',
  '',
  '```json',
  `{ "source": ["${EVENT_SOURCE}"], "detail-type": ["Credential Set"] }`,
  '```',
  '',
  '| detail-type | when | besides the fields above |',
  '|---|---|---|',
];

const TAIL = [
  '',
  'Tokens that were issued make no events: there are too many; the audit and the metric `TokensIssued` have them.',
  'An update that sets `isActive` alone or with other fields is told as *Account Activated* or *Account Deactivated*.',
  'An item that somebody edits in the table by hand is not told.',
  '',
  'On the local stack events are lines in `.local/events.jsonl`, as a target of a rule would get them.',
];
