import { Button, Drawer, Space } from 'antd';
import { useText } from '../../text/language';
import { DispatchForm } from './DispatchForm';

const FORM = 'dispatch-form';

/** A task is written beside the list, so that the list stays in sight. */
export function DispatchDrawer({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { dispatch: words, common } = useText();
  return (
    <Drawer
      title={words.title} open={open} onClose={onClose} size={520} destroyOnHidden
      closable={{ 'aria-label': common.cancel }}
      footer={(
        <Space className="drawer-foot">
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button type="primary" htmlType="submit" form={FORM}>{words.submit}</Button>
        </Space>
      )}
    >
      <DispatchForm id={FORM} />
    </Drawer>
  );
}
