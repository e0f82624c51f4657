/** Finds room for map labels. Pure geometry in pixels: reads no page and moves nothing itself. */

export type Side = 'right' | 'left' | 'top' | 'bottom';
export interface Box { left: number; top: number; width: number; height: number }

export interface Wish {
  /** Where on the map the label belongs, in pixels. */
  x: number;
  y: number;
  width: number;
  height: number;
  /** Half the size of the sign at that place, which no label may cover; 0 when there is none. */
  sign: number;
  /** Sides to try, best first. */
  sides: readonly Side[];
  /** A label that must be read is shown at its best side even when it covers another. */
  must: boolean;
}

/** Pixels between a sign and its words. */
export const APART_PX = 4;

/** The side for each label, or `hidden` where there is no room. Earlier labels go first; `avoid` is covered only if need be. */
export function placeLabels(wishes: readonly Wish[], avoid: readonly Box[] = []): (Side | 'hidden')[] {
  const taken: Box[] = wishes.filter((wish) => wish.sign > 0).map(signBox);
  return wishes.map((wish) => {
    const free = wish.sides.filter((side) => !taken.some((box) => overlap(box, wordsBox(wish, side))));
    const clear = free.find((side) => !avoid.some((box) => overlap(box, wordsBox(wish, side))));
    const side = clear ?? free[0] ?? (wish.must ? wish.sides[0] : undefined);
    if (side === undefined) return 'hidden';
    taken.push(wordsBox(wish, side));
    return side;
  });
}

const signBox = ({ x, y, sign }: Wish): Box => ({ left: x - sign, top: y - sign, width: 2 * sign, height: 2 * sign });

export function wordsBox({ x, y, width, height, sign }: Wish, side: Side): Box {
  const away = sign + APART_PX;
  switch (side) {
    case 'right': return { left: x + away, top: y - height / 2, width, height };
    case 'left': return { left: x - away - width, top: y - height / 2, width, height };
    case 'top': return { left: x - width / 2, top: y - away - height, width, height };
    case 'bottom': return { left: x - width / 2, top: y + away, width, height };
  }
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.left + b.width && b.left < a.left + a.width && a.top < b.top + b.height && b.top < a.top + a.height;
}
