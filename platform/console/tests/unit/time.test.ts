import dayjs from 'dayjs';
import { describe, expect, it } from 'vitest';
import { en } from '../../src/text/en';
import { zh } from '../../src/text/zh';
import {
  ABSENT, clockOf, clockOfMs, dayOf, lagMs, minuteOf, pickedToUtc, secondOf, shareOfDay, shortOf, spanOf, stopwatchOf,
} from '../../src/time/time';

const AT = '2026-01-14T16:03:04.123Z';

describe('times', () => {
  it('are shown on the Shanghai clock, on the Shanghai day', () => {
    expect(minuteOf(AT)).toBe('2026-01-15 00:03');
    expect(secondOf(AT)).toBe('2026-01-15 00:03:04');
    expect(shortOf(AT)).toBe('01-15 00:03');
    expect(dayOf(AT)).toBe('2026-01-15');
    expect(clockOf(AT)).toBe('00:03');
    expect(clockOfMs(Date.parse(AT))).toBe('00:03:04');
    expect(shareOfDay('2026-01-14T10:00:00Z')).toBe(0.75);
  });

  it('do not depend on summer time elsewhere', () => {
    expect(minuteOf('2026-07-14T16:03:04.000Z')).toBe('2026-07-15 00:03');
  });

  it('are a dash when absent or unreadable', () => {
    expect(minuteOf(undefined)).toBe(ABSENT);
    expect(minuteOf('yesterday')).toBe(ABSENT);
  });

  it('picked in a field are Shanghai times whatever the zone of the PC', () => {
    expect(pickedToUtc(dayjs('2026-01-20 17:30'))).toBe('2026-01-20T09:30:00.000Z');
  });
});

describe('durations', () => {
  it('split without losing the sign of nothing', () => {
    expect(spanOf(((26 * 60 + 5) * 60 + 9) * 1000)).toEqual({ days: 1, hours: 2, minutes: 5, seconds: 9 });
    expect(spanOf(-90_000)).toEqual({ days: 0, hours: 0, minutes: 1, seconds: 30 });
  });

  it('read as people say them', () => {
    expect(zh.common.span(spanOf(27 * 3_600_000))).toBe('1 天 3 小时');
    expect(zh.common.span(spanOf(48 * 3_600_000))).toBe('2 天');
    expect(zh.common.span(spanOf(20_000))).toBe('20 秒');
    expect(en.common.span(spanOf(100 * 60_000))).toBe('1 h 40 min');
  });

  it('of a rescue read as on a stopwatch', () => {
    expect([40, 370, 560, 3723].map((s) => stopwatchOf(s * 1000))).toEqual(['0:40', '6:10', '9:20', '1:02:03']);
  });

  it('from occurrence to arrival are never negative', () => {
    expect(lagMs('2026-01-14T02:00:00Z', '2026-01-23T02:00:00Z')).toBe(9 * 86_400_000);
    expect(lagMs('2026-01-14T02:00:05Z', '2026-01-14T02:00:00Z')).toBe(0);
  });
});
