import { describe, expect, it } from 'vitest';
import { troubles } from '../../src/pages/devices/trouble';

describe('what about a phone wants a hand', () => {
  it('is nothing where nothing was told', () => {
    expect(troubles({})).toEqual([]);
    expect(troubles({ free_bytes: 8_000_000_000, clock_ahead_ms: 200_000 })).toEqual([]);
  });
  it('is little space, and a clock that is wrong in either direction', () => {
    expect(troubles({ free_bytes: 0 })).toEqual(['spaceLow']);
    expect(troubles({ clock_ahead_ms: 300_001 })).toEqual(['clockWrong']);
    expect(troubles({ free_bytes: 1_000_000, clock_ahead_ms: -86_400_000 })).toEqual(['spaceLow', 'clockWrong']);
  });
});
