import type { DeviceSummary } from '../../api/types';

/** Below this a phone soon cannot take photos: the field core keeps 15 MiB back and wants 64 MiB beside a photo. */
const SPACE_LOW_BYTES = 256 * 1024 * 1024;
/** More than this and times need their interval to be read right. */
const CLOCK_WRONG_MS = 5 * 60_000;

export type Trouble = 'spaceLow' | 'clockWrong';

/** What about the phone itself wants a hand; nothing about the person. */
export function troubles(device: Pick<DeviceSummary, 'free_bytes' | 'clock_ahead_ms'>): Trouble[] {
  const found: Trouble[] = [];
  if (device.free_bytes !== undefined && device.free_bytes < SPACE_LOW_BYTES) found.push('spaceLow');
  if (device.clock_ahead_ms !== undefined && Math.abs(device.clock_ahead_ms) > CLOCK_WRONG_MS) found.push('clockWrong');
  return found;
}
