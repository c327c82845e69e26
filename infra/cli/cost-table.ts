/**
 * What a million token requests and an account a month cost, from the prices below, as a table for
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
  /** https://aws.amazon.com/cognito/pricing/ Essentials, each user active in the month, beyond the free 10,000 */
  cognitoUserMonth: 0.015,
  /** https://aws.amazon.com/cloudwatch/pricing/ */
  logGigabyte: 0.57,
} as const;

const MILLION = 1_000_000;
const MEMORY_GIGABYTES = 0.5;
/** Mostly waiting for Cognito; measured in AWS it replaces this assumption. */
const TOKEN_MILLISECONDS = 120;
const TRIGGER_MILLISECONDS = 5;
const TRIGGER_GIGABYTES = 0.25;
/** Three metrics lines and Lambda's own report. */
const LOG_BYTES = 1500;

/** One token request: one read, one conditional reservation, one Cognito call, one write of three items. */
const tokenRequestCosts = [
  ['API Gateway, 1 call', PRICES.apiCall],
  [`Lambda, ${TOKEN_MILLISECONDS} ms at 512 MB`, lambda(TOKEN_MILLISECONDS, MEMORY_GIGABYTES)],
  [
    `Pre-token trigger, ${TRIGGER_MILLISECONDS} ms at 256 MB`,
    lambda(TRIGGER_MILLISECONDS, TRIGGER_GIGABYTES),
  ],
  // The tenant holds a digest of its roles, up to 8 KB: two units; the login one. Strongly consistent.
  ['DynamoDB, 3 read units', 3 * PRICES.readUnit],
  // Reservation, audit record with its index entry, budget given back, last use (docs/data-model.md, `issueToken`).
  ['DynamoDB, 5 write units', 5 * PRICES.writeUnit],
  ['CloudWatch Logs', (LOG_BYTES / 1e9) * PRICES.logGigabyte],
] as const satisfies readonly (readonly [string, number])[];

function lambda(milliseconds: number, gigabytes: number): number {
  return PRICES.lambdaCall + (milliseconds / 1000) * gigabytes * PRICES.lambdaGigabyteSecond;
}

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
  ].join('\n');
}
