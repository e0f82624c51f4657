import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { en } from '../../src/text/en';
import { term } from '../../src/text/term';
import { zh } from '../../src/text/zh';

type Leaf = string | ((...args: never[]) => string);
type Tree = { [key: string]: Leaf | Tree };
const SOURCES = join(import.meta.dirname, '../../src');

function leaves(tree: Tree, path = ''): Map<string, Leaf> {
  const found = new Map<string, Leaf>();
  for (const [key, value] of Object.entries(tree)) {
    const at = path ? `${path}.${key}` : key;
    if (typeof value === 'object') for (const [deeper, leaf] of leaves(value, at)) found.set(deeper, leaf);
    else found.set(at, value);
  }
  return found;
}

/** Calls a phrase with stand-ins that serve as text, number and span at once. */
function spoken(leaf: Leaf): string {
  if (typeof leaf === 'string') return leaf;
  const stand = Object.assign(new Number(3), { days: 1, hours: 2, minutes: 3, seconds: 4 }) as never;
  return leaf(stand, stand);
}

const ZH = leaves(zh as unknown as Tree);
const EN = leaves(en as unknown as Tree);

describe('texts', () => {
  it('have the same keys in both languages', () => {
    expect([...EN.keys()].sort()).toEqual([...ZH.keys()].sort());
  });

  it.each([['zh', ZH], ['en', EN]] as const)('say something for every key in %s', (_, texts) => {
    const silent = [...texts].filter(([, leaf]) => spoken(leaf).trim() === '').map(([key]) => key);
    expect(silent).toEqual([]);
  });

  it('have no English left in Chinese and no Chinese left in English', () => {
    const latinAllowed = new Set(['app.languageEn', 'countUnit.goods_moved']);
    const chineseAllowed = new Set(['app.languageZh']);
    const latin = [...ZH].filter(([key, leaf]) => !latinAllowed.has(key) && /[A-Za-z]{2}/.test(spoken(leaf))).map(([key]) => key);
    const chinese = [...EN].filter(([key, leaf]) => !chineseAllowed.has(key) && /\p{Script=Han}/u.test(spoken(leaf))).map(([key]) => key);
    expect({ latin, chinese }).toEqual({ latin: [], chinese: [] });
  });

  it('shows a code that this build does not know as it is', () => {
    expect(term(zh.caseKind, 'meteor')).toBe('meteor');
    expect(term(zh.caseKind, undefined)).toBe('');
  });
});

describe('source files', () => {
  const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file));
  const words = files.filter((file) => !/^text[\\/](zh|en)\.ts$/.test(file));

  it('hold no Chinese text outside the text files', () => {
    expect(words.filter((file) => /\p{Script=Han}/u.test(readFileSync(join(SOURCES, file), 'utf8')))).toEqual([]);
  });

  it('stay at 300 lines or fewer', () => {
    expect(files.filter((file) => readFileSync(join(SOURCES, file), 'utf8').split('\n').length > 301)).toEqual([]);
  });

  it('use every text', () => {
    const all = words.map((file) => readFileSync(join(SOURCES, file), 'utf8')).join('\n');
    // Tables of codes are looked up whole; a phrase must be named somewhere.
    const phrases = [...ZH.keys()].filter((key) => /^(app|nav|common|login|tasks?|review|extension|dispatch|cases|patrols?|counts|devices)\./.test(key));
    const unnamed = phrases.filter((key) => !new RegExp(`\\.${key.split('.')[1]}\\b`).test(all));
    expect(unnamed).toEqual([]);
  });
});
