/** What a function writes, as CloudWatch takes it: one line of JSON for each thing that happened. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { errorFields, logError, logInfo } from '../../shared/log.ts';
import { countFindings, countToken } from '../../shared/metrics.ts';

const NOW = new Date('2026-03-01T04:05:06.789Z');
const TRACE = '1-5759e988-bd862e3fe1be46a994272793';

const written: string[] = [];
beforeEach(() => {
  written.length = 0;
  vi.useFakeTimers({ now: NOW });
  vi.stubEnv('SERVICE_NAME', 'psa-accounts-dev');
  vi.stubEnv('METRICS_NAMESPACE', 'PsaAccounts');
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written.push(String(text));
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  vi.useRealTimers();
});

function lines(): unknown[] {
  const whole = written.join('');
  expect(whole === '' || whole.endsWith('\n')).toBe(true);
  return whole
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);
}

describe('a line of the log', () => {
  test('names its code, when, of which stage, and the trace it belongs to', () => {
    vi.stubEnv('LOG_LEVEL', 'INFO');
    vi.stubEnv('_X_AMZN_TRACE_ID', `Root=${TRACE};Parent=53995c3f42cd8ad8;Sampled=1`);
    logInfo('mail_sent', { resetId: 'one\ntwo' });
    expect(lines()).toEqual([
      {
        level: 'INFO',
        message: 'mail_sent',
        timestamp: '2026-03-01T04:05:06.789Z',
        service: 'psa-accounts-dev',
        traceId: TRACE,
        resetId: 'one\ntwo',
      },
    ]);
  });

  test.each([
    ['INFO', ['mail_sent', 'request_failed']],
    ['ERROR', ['request_failed']],
    ['SILENT', []],
    [undefined, ['mail_sent', 'request_failed']],
  ])('LOG_LEVEL %s', (level, codes) => {
    vi.stubEnv('LOG_LEVEL', level);
    logInfo('mail_sent');
    logError('request_failed');
    expect(lines()).toEqual(codes.map((message) => expect.objectContaining({ message })));
  });
});

test.each([
  [new TypeError('a secret'), 'TypeError'],
  [Object.assign(new Error('connect ECONNREFUSED a secret'), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
  [Object.assign(new Error('a secret'), { name: 'TimeoutError', code: 'ETIMEDOUT' }), 'TimeoutError'],
  ['a secret', 'string'],
])('of what was thrown the log has a name, and no message: %s', (thrown, errorName) => {
  const fields = errorFields(thrown);
  expect(fields.errorName).toBe(errorName);
  expect(JSON.stringify(fields)).not.toContain('a secret');
});

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
test('a metric is written in the embedded format, its value and dimensions at the root, whatever the level', () => {
  vi.stubEnv('LOG_LEVEL', 'SILENT');
  countFindings(3);
  countToken('throttled');
  const metric = (name: string, value: number, more: Record<string, string> = {}) => ({
    _aws: {
      Timestamp: NOW.getTime(),
      CloudWatchMetrics: [
        {
          Namespace: 'PsaAccounts',
          Dimensions: [['service', ...Object.keys(more)]],
          Metrics: [{ Name: name, Unit: 'Count' }],
        },
      ],
    },
    service: 'psa-accounts-dev',
    ...more,
    [name]: value,
  });
  expect(lines()).toEqual([
    metric('ReconcileFindings', 3),
    metric('TokensRefused', 1),
    metric('TokensRefusedByReason', 1, { reason: 'throttled' }),
  ]);
});
