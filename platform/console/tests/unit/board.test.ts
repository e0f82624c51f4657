import { describe, expect, it } from 'vitest';
import { stripsOf } from '../../src/pages/patrols/board';
import { needsCare } from '../../src/pages/devices/silence';
import { PATROLS } from '../fixtures/patrols';
import { at, NOW } from '../fixtures/times';

const DAY = PATROLS.filter((patrol) => patrol.started_at < at(23, '00:00'));

describe('the day board', () => {
  it('has one strip per post, in the order of their codes', () => {
    expect(stripsOf(DAY, '2026-01-22', NOW).map((strip) => strip.post)).toEqual(['P01', 'P02', 'P03', 'P04', 'P05', 'P07']);
  });

  it('gives patrols that overlap at one post lanes of their own', () => {
    const scenic = stripsOf(DAY, '2026-01-22', NOW).find((strip) => strip.post === 'P04');
    expect(scenic?.lanes).toBe(2);
    expect(scenic?.bars.map((bar) => bar.lane)).toEqual([0, 1]);
  });

  it('cuts a patrol over midnight at the edge of the day', () => {
    const [patrol] = DAY;
    if (!patrol) throw new Error('no fixture patrol');
    const night = { ...patrol, started_at: at(21, '23:00'), ended_at: at(22, '06:00') };
    const [strip] = stripsOf([night], '2026-01-22', NOW);
    expect(strip?.bars[0]).toMatchObject({ from: 0, to: 0.25 });
  });
});

describe('a silent phone', () => {
  it('asks for a call after 24 hours, not before, and not when it was never here', () => {
    const now = Date.parse(NOW);
    expect(needsCare({ last_contact_at: at(22, '09:59') }, now)).toBe(true);
    expect(needsCare({ last_contact_at: at(22, '10:00') }, now)).toBe(false);
    expect(needsCare({}, now)).toBe(false);
  });
});
