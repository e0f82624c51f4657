import { Table } from 'antd';
import type { TableProps } from 'antd';
import type { ReactNode } from 'react';
import { useNavigate } from 'react-router';
import { ROWS_PER_PAGE } from '../hooks/pageSize';
import { useText } from '../text/language';
import { Blank } from './Blank';

interface Props<T extends object> {
  label: string;
  rows: T[];
  total: number;
  page: number;
  onPage: (page: number) => void;
  columns: NonNullable<TableProps<T>['columns']>;
  rowKey: (row: T) => string;
  empty: string;
  /** Where a click on the row leads; the row also holds a real link for the keyboard. */
  opens?: (row: T) => string;
  expandable?: TableProps<T>['expandable'];
  rowClassName?: (row: T) => string;
  summary?: () => ReactNode;
}

/** Below this a table scrolls by itself; a 1280-pixel screen leaves more. */
const WIDTH_MIN_PX = 980;

/** The console's table: one look, paging by the platform, a whole row that opens. */
export function List<T extends object>(props: Props<T>) {
  const { common } = useText();
  const navigate = useNavigate();
  const { opens, total, page, onPage } = props;
  return (
    <section className="list" aria-label={props.label}>
      <Table<T>
        size="middle"
        rowKey={props.rowKey}
        columns={props.columns}
        dataSource={props.rows}
        locale={{ emptyText: <Blank text={props.empty} /> }}
        tableLayout="fixed"
        scroll={{ x: WIDTH_MIN_PX }}
        {...(props.expandable ? { expandable: props.expandable } : {})}
        {...(props.summary ? { summary: props.summary } : {})}
        rowClassName={(row) => `${opens ? 'row-opens' : ''} ${props.rowClassName?.(row) ?? ''}`}
        onRow={(row) => (opens ? { onClick: (event) => { if (!startsElsewhere(event)) void navigate(opens(row)); } } : {})}
        pagination={{
          current: page, total, pageSize: ROWS_PER_PAGE, onChange: onPage, showSizeChanger: false,
          hideOnSinglePage: false, showTotal: common.total, size: 'small',
        }}
      />
    </section>
  );
}

/** A click on a link or button inside the row, or one that ends a text selection, is not a click on the row. */
function startsElsewhere(event: React.MouseEvent<HTMLElement>): boolean {
  const inside = (event.target as HTMLElement).closest('a, button, input, label');
  return inside !== null || (window.getSelection()?.toString() ?? '') !== '';
}
