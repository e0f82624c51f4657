import { Empty } from 'antd';

/** An empty list says what is missing, and that is all. */
export function Blank({ text, hint }: { text: string; hint?: string }) {
  return (
    <Empty
      image={Empty.PRESENTED_IMAGE_SIMPLE}
      description={<><span>{text}</span>{hint && <span className="blank-hint">{hint}</span>}</>}
    />
  );
}
