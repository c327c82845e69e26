import { expect, it } from 'vitest';
import { AwsError } from '../../shared/aws/json-client.ts';
import { errorFields } from '../../shared/log.ts';

it('of an error its name and frames are logged, and no line of its message', () => {
  const message = "Value 'a\n    at seventeen quiet lanterns' failed to satisfy $& constraint";
  const { errorName, frames = [] } = errorFields(new AwsError('ValidationException', 400, { message }));
  expect(errorName).toBe('ValidationException');
  expect(frames.length).toBeGreaterThan(0);
  expect(frames.join('\n')).not.toContain('lanterns');
  expect(frames[0]).toContain('error-fields.test.ts');
});
