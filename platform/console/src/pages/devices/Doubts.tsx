import type { DeviceSummary } from '../../api/types';
import { useText } from '../../text/language';

export const inDoubt = (device: DeviceSummary): boolean => device.conflicts > 0 || device.forks > 0;

/** Where a phone's log and the platform's do not agree. Nothing is lost by it; a person has to find out why. */
export function Doubts({ device }: { device: DeviceSummary }) {
  const words = useText().devices;
  return (
    <ul className="device-doubts">
      {device.conflicts > 0 && <li>{words.conflicts(device.conflicts)}</li>}
      {device.forks > 0 && <li>{words.forks(device.forks)}</li>}
    </ul>
  );
}
