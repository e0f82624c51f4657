import { DatePicker } from 'antd';
import dayjs from 'dayjs';
import type { DayRange } from '../../api/api';
import type { Filters } from '../../hooks/useFilters';
import { useText } from '../../text/language';

const DAY = 'YYYY-MM-DD';

/** The chosen days, both included; an open end is no limit. */
export function rangeOf(filters: Filters): DayRange {
  const [from, to] = [filters.get('from'), filters.get('to')];
  return { ...(from ? { from } : {}), ...(to ? { to } : {}) };
}

export function RangeField({ filters }: { filters: Filters }) {
  const words = useText().counts;
  const { from, to } = rangeOf(filters);
  return (
    <DatePicker.RangePicker
      aria-label={words.range} placeholder={[words.from, words.to]} allowEmpty={[true, true]}
      value={[from ? dayjs(from) : null, to ? dayjs(to) : null]}
      onChange={(days) => filters.set({ from: days?.[0]?.format(DAY), to: days?.[1]?.format(DAY) })}
    />
  );
}
