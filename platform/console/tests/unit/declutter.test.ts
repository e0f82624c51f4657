import { describe, expect, it } from 'vitest';
import { placeLabels, type Side, type Wish, wordsBox } from '../../src/map/declutter';

const BESIDE: Side[] = ['right', 'left', 'top', 'bottom'];
const wish = (x: number, y: number, more: Partial<Wish> = {}): Wish => ({ x, y, width: 60, height: 18, sign: 6, sides: BESIDE, must: false, ...more });

describe('labels on the map', () => {
  it('stand at their best side when there is room', () => {
    expect(placeLabels([wish(100, 100), wish(400, 100)])).toEqual(['right', 'right']);
  });

  it('give way to the sign and the words of others', () => {
    expect(placeLabels([wish(100, 100), wish(130, 101)])).toEqual(['left', 'right']);
  });

  it('disappear when there is no room, the later one first', () => {
    const crowd = Array.from({ length: 6 }, () => wish(100, 100));
    const sides = placeLabels(crowd);
    expect(sides.slice(0, 4)).toEqual(BESIDE);
    expect(sides.slice(4)).toEqual(['hidden', 'hidden']);
  });

  it('stay when they must be read, as the length of a gap must', () => {
    const crowd = Array.from({ length: 5 }, () => wish(100, 100));
    expect(placeLabels([...crowd, wish(100, 100, { sign: 0, must: true, sides: ['top'] })]).at(-1)).toBe('top');
  });

  it('keep off the track while another side is free', () => {
    const track = [{ left: 110, top: 96, width: 8, height: 8 }];
    expect(placeLabels([wish(100, 100)], track)).toEqual(['left']);
    expect(placeLabels([wish(100, 100, { sides: ['right'] })], track)).toEqual(['right']);
  });

  it('never cover a sign', () => {
    const wishes = [wish(100, 100), wish(112, 100), wish(100, 88)];
    const words = placeLabels(wishes).flatMap((side, index) => (side === 'hidden' ? [] : [wordsBox(wishes[index] ?? wish(0, 0), side)]));
    for (const box of words) {
      for (const { x, y } of wishes) expect(x > box.left && x < box.left + box.width && y > box.top && y < box.top + box.height).toBe(false);
    }
  });
});
