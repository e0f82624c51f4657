/** How long a phone has been silent. A reason to call and ask, never a mark against anyone. */
import type { DeviceSummary } from '../../api/types';
import { toMs } from '../../time/time';

export const CARE_FROM_MS = 24 * 3_600_000;

export function silentMs(device: Pick<DeviceSummary, 'last_contact_at'>, nowMs: number): number | undefined {
  const contactMs = toMs(device.last_contact_at);
  return contactMs === undefined ? undefined : Math.max(0, nowMs - contactMs);
}

export function needsCare(device: Pick<DeviceSummary, 'last_contact_at'>, nowMs: number): boolean {
  const silent = silentMs(device, nowMs);
  return silent !== undefined && silent > CARE_FROM_MS;
}
