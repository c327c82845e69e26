/**
 * What a million token requests, an account a month and a stage a month cost, from the prices below, as a table for
 * docs/scaling.md. Prices of eu-west-1 in US dollars, first tier, without any free tier; they are given here and
 * nowhere else, to be checked against the pages named.
 */
const PRICES = {
  /** https://aws.amazon.com/api-gateway/pricing/ HTTP API */
  apiCall: 1.11e-6,
  /** https://aws.amazon.com/lambda/pricing/ arm64 */
  lambdaCall: 0.2e-6,
  lambdaGigabyteSecond: 0.0000133334,
  /** https://aws.amazon.com/dynamodb/pricing/on-demand/ */
  readUnit: 0.1415e-6,
  writeUnit: 0.705e-6,
  storedGigabyteMonth: 0.283,
  /** Point-in-time recovery, of the table without its indexes. */
  backedUpGigabyteMonth: 0.2264,
  /** https://aws.amazon.com/cognito/pricing/ Essentials, each user active in the month, beyond the free 10,000 */
  cognitoUserMonth: 0.015,
  /** https://aws.amazon.com/cloudwatch/pricing/ */
  logGigabyte: 0.57,
  alarmedMetricMonth: 0.1,
  ownMetricMonth: 0.3,
  dashboardMonth: 3,
  /** https://aws.amazon.com/xray/pricing/ */
  trace: 5e-6,
} as const;

const MILLION = 1_000_000;
const MEMORY_GIGABYTES = 0.5;
/** Mostly waiting for Cognito; measured in AWS it replaces this assumption. */
const TOKEN_MILLISECONDS = 120;
const TRIGGER_MILLISECONDS = 5;
const TRIGGER_GIGABYTES = 0.25;
/** A line of metrics, Lambda's own lines about both functions, and the access log. */
const LOG_BYTES = 1500;

/** What docs/data-model.md has, measured, of `issueToken`; test/cli/costs.test.ts holds them together. */
export const TOKEN_READ_UNITS = 2;
/** Reservation, audit record with its index entry, last use, attempts given back. */
export const TOKEN_WRITE_UNITS = 5;

const AUDIT_BYTES = 550;
const AUDIT_DAYS = 400;
const DAYS_OF_MONTH = 30.4;
/** The record stands in the index too, which is stored and not backed up. */
const AUDIT_MONTH = (AUDIT_BYTES / 1e9) * (2 * PRICES.storedGigabyteMonth + PRICES.backedUpGigabyteMonth);

/** Lambda traces the first call of each second and 5 % of the rest, of each function by itself. */
const REQUESTS_PER_SECOND = 10;
const TRACED_SHARE = (1 + 0.05 * (REQUESTS_PER_SECOND - 1)) / REQUESTS_PER_SECOND;

/** Every alarm watches one metric, but that on the table's throttles; test/infra/alarms.test.ts counts them. */
export const ALARMED_METRICS = 60;

/** One token request: one read, one conditional reservation, one Cognito call, one write of three items. */
const tokenRequestCosts = [
  ['API Gateway, 1 call', PRICES.apiCall],
  [`Lambda, ${TOKEN_MILLISECONDS} ms at 512 MB`, lambda(TOKEN_MILLISECONDS, MEMORY_GIGABYTES)],
  [
    `Pre-token trigger, ${TRIGGER_MILLISECONDS} ms at 256 MB`,
    lambda(TRIGGER_MILLISECONDS, TRIGGER_GIGABYTES),
  ],
  // Strongly consistent. A company with more than some ninety roles takes a unit more.
  [`DynamoDB, ${TOKEN_READ_UNITS} read units`, TOKEN_READ_UNITS * PRICES.readUnit],
  [`DynamoDB, ${TOKEN_WRITE_UNITS} write units`, TOKEN_WRITE_UNITS * PRICES.writeUnit],
  [`DynamoDB, the audit record for ${AUDIT_DAYS} days`, (AUDIT_MONTH * AUDIT_DAYS) / DAYS_OF_MONTH],
  [`X-Ray, both functions at ${REQUESTS_PER_SECOND} requests a second`, 2 * TRACED_SHARE * PRICES.trace],
  ['CloudWatch Logs', (LOG_BYTES / 1e9) * PRICES.logGigabyte],
] as const satisfies readonly (readonly [string, number])[];

function lambda(milliseconds: number, gigabytes: number): number {
  return PRICES.lambdaCall + (milliseconds / 1000) * gigabytes * PRICES.lambdaGigabyteSecond;
}

const stageMonth = () => ALARMED_METRICS * PRICES.alarmedMetricMonth + PRICES.dashboardMonth;

export function costTable(): string {
  const rows = tokenRequestCosts.map(([what, price]) => `| ${what} | ${(price * MILLION).toFixed(2)} |`);
  const total = tokenRequestCosts.reduce((sum, [, price]) => sum + price, 0) * MILLION;
  return [
    '| part of a token request | $ per million |',
    '| --- | --- |',
    ...rows,
    `| **together** | **${total.toFixed(2)}** |`,
    '',
    `Apart from that Cognito takes $${PRICES.cognitoUserMonth} for each user active in a month, and each generation of a`,
    `password that was used counts: an integration with one password $${PRICES.cognitoUserMonth}, in a month with a rotation`,
    `$${PRICES.cognitoUserMonth * 2}.`,
    '',
    `A stage that nobody calls costs $${stageMonth().toFixed(2)} a month, for ${ALARMED_METRICS} metrics under alarm and the dashboard. Each`,
    `metric of its own that is written in a month takes $${PRICES.ownMetricMonth.toFixed(2)} more. At one request a second or less every`,
    `call is traced: X-Ray is then $${(2 * PRICES.trace * MILLION).toFixed(2)} per million, beyond its free 100,000 traces a month.`,
  ].join('\n');
}
