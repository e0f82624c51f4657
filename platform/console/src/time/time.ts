/** Times as supervisors read them: always the clock of Asia/Shanghai, whatever the PC is set to. */
import type { Dayjs } from 'dayjs';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** China has kept one offset without summer time since 1991. */
const SHANGHAI_OFFSET = '+08:00';
export const ABSENT = '–';

const formatter = new Intl.DateTimeFormat('en-CA', {
  timeZone: 'Asia/Shanghai', hourCycle: 'h23',
  year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit',
});

type Field = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second';

function fields(ms: number): Record<Field, string> {
  const out = { year: '', month: '', day: '', hour: '', minute: '', second: '' };
  for (const part of formatter.formatToParts(ms)) {
    if (part.type in out) out[part.type as Field] = part.value;
  }
  return out;
}

/** Milliseconds of an RFC 3339 text, or undefined when it is absent or unreadable. */
export function toMs(at: string | undefined): number | undefined {
  const ms = at ? Date.parse(at) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

function show(at: string | undefined, text: (f: Record<Field, string>) => string): string {
  const ms = toMs(at);
  return ms === undefined ? ABSENT : text(fields(ms));
}

/** `2026-01-14 10:03` */
export const minuteOf = (at: string | undefined): string =>
  show(at, (f) => `${f.year}-${f.month}-${f.day} ${f.hour}:${f.minute}`);
/** `01-14 10:03`, for dense tables. */
export const shortOf = (at: string | undefined): string =>
  show(at, (f) => `${f.month}-${f.day} ${f.hour}:${f.minute}`);
/** `2026-01-14 10:03:04` */
export const secondOf = (at: string | undefined): string =>
  show(at, (f) => `${f.year}-${f.month}-${f.day} ${f.hour}:${f.minute}:${f.second}`);
/** `2026-01-14` */
export const dayOf = (at: string | undefined): string => show(at, (f) => `${f.year}-${f.month}-${f.day}`);
/** `10:03` */
export const clockOf = (at: string | undefined): string => show(at, (f) => `${f.hour}:${f.minute}`);
/** `10:03:04` of a millisecond count. */
export const clockOfMs = (ms: number): string => {
  const f = fields(ms);
  return `${f.hour}:${f.minute}:${f.second}`;
};

/** Share of the Shanghai day that has passed at this time, 0 to 1. */
export function shareOfDay(at: string): number {
  const ms = toMs(at) ?? 0;
  const f = fields(ms);
  return (Number(f.hour) * 60 + Number(f.minute)) / 1440;
}

/** A date and time picked in a calendar field, read as Shanghai time whatever the PC's own zone is. */
export function pickedToUtc(picked: Dayjs): string {
  return new Date(`${picked.format('YYYY-MM-DDTHH:mm')}:00${SHANGHAI_OFFSET}`).toISOString();
}

export interface Span { days: number; hours: number; minutes: number; seconds: number }

/** Splits a duration; the sign is dropped. */
export function spanOf(ms: number): Span {
  const rest = Math.abs(ms);
  return {
    days: Math.floor(rest / DAY_MS),
    hours: Math.floor((rest % DAY_MS) / HOUR_MS),
    minutes: Math.floor((rest % HOUR_MS) / MINUTE_MS),
    seconds: Math.floor((rest % MINUTE_MS) / 1000),
  };
}

/** Time from occurrence to arrival, never negative: a fast phone clock is not a record from the future. */
export function lagMs(occurredAt: string, receivedAt: string): number {
  return Math.max(0, (toMs(receivedAt) ?? 0) - (toMs(occurredAt) ?? 0));
}

/** `6:10` or `1:02:03`: how long after the start, as on a stopwatch. */
export function stopwatchOf(ms: number): string {
  const whole = Math.floor(Math.abs(ms) / 1000);
  const pad = (n: number): string => String(n).padStart(2, '0');
  const [hours, minutes, seconds] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(seconds)}` : `${minutes}:${pad(seconds)}`;
}
