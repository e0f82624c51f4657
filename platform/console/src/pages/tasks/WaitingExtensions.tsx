import { Alert } from 'antd';
import { Link } from 'react-router';
import { api } from '../../api/api';
import { useLoad } from '../../hooks/useLoad';
import { useText } from '../../text/language';
import { shortOf } from '../../time/time';

const REFRESH_EVERY_MS = 15_000;
const SHOWN = 5;

/** Requests for more time that wait for an answer, the one whose task is due next first. Nothing when there are none. */
export function WaitingExtensions() {
  const words = useText().tasks;
  const waiting = useLoad('waiting-extensions', (signal) =>
    api.waitingExtensions({ offset: 0, limit: SHOWN }, signal), REFRESH_EVERY_MS).value;
  if (!waiting?.total) return null;
  return (
    <Alert
      className="task-asked" type="warning" showIcon title={words.askedTitle(waiting.total)}
      description={(
        <ul className="task-asked-list">
          {waiting.items.map(({ task, extension }) => (
            <li key={task.id}>
              <Link to={`/tasks/${task.id}`}>{task.title}</Link>
              <span className="quiet small"> {words.askedLine(extension.author.name, shortOf(extension.wanted_due_at))}</span>
            </li>
          ))}
        </ul>
      )}
    />
  );
}
