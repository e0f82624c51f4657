import './countValue.css';
import { useText } from '../text/language';
import { term } from '../text/term';

const grouped = new Intl.NumberFormat('en-US');

/** `8,000`; a minus sign that lines up with digits. */
export const numberText = (value: number): string => grouped.format(value).replace('-', '−');

/** One counted number with its unit; a correction is red and says so by its sign. */
export function CountValue({ kind, value }: { kind: string; value: number }) {
  const { countUnit } = useText();
  return (
    <span className={value < 0 ? 'count-value count-minus number' : 'count-value number'}>
      {value > 0 ? '+' : ''}{numberText(value)} <span className="quiet small">{term(countUnit, kind)}</span>
    </span>
  );
}
