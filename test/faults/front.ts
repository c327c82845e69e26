import { startFront } from '../support/front.ts';
import { stack } from '../support/world.ts';
import { FaultyAws } from './faulty-aws.ts';

/** The API once more, on an AWS in which faults can be planned. */
export async function startFaultyFront() {
  const aws = await FaultyAws.start(stack.endpoints);
  const front = await startFront(aws.urls);
  const close = async () => {
    await front.close();
    await aws.close();
  };
  return { aws, url: front.url, close };
}
