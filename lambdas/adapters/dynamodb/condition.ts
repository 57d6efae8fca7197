import { isConditionFailure } from './client.ts';

/** The outcome of a conditional write: `done`, or `failed` where its condition did not hold. Other faults pass through. */
export async function unlessConditionFails<const Done, const Failed>(
  write: Promise<unknown>,
  done: Done,
  failed: Failed,
): Promise<Done | Failed> {
  try {
    await write;
    return done;
  } catch (error) {
    if (isConditionFailure(error)) return failed;
    throw error;
  }
}
