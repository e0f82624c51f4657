import { Alert } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useParams } from 'react-router';
import { api } from '../../api/api';
import type { TaskDetail } from '../../api/types';
import { LoadView } from '../../components/LoadView';
import { AskedMark, DueLight, LateMark, LevelTag, StatusTag } from '../../components/marks';
import { Freshness, PageHead } from '../../components/PageHead';
import { type Loaded, useLoad } from '../../hooks/useLoad';
import { useText } from '../../text/language';
import { ExtensionPanel } from './ExtensionPanel';
import { LatePanel } from './LatePanel';
import { RecallButton } from './RecallButton';
import { Reports } from './Reports';
import { ReviewPanel } from './ReviewPanel';
import { TaskFacts } from './TaskFacts';
import { TaskLog } from './TaskLog';
import { type TaskDesk, useTaskDesk } from './useTaskDesk';
import './task.css';

const REFRESH_EVERY_MS = 15_000;

export function TaskPage() {
  const { id = '' } = useParams();
  const { task: words, nav } = useText();
  const loaded = useLoad(`task ${id}`, (signal) => api.task(id, signal), REFRESH_EVERY_MS);
  const desk = useTaskDesk(loaded);
  const task = loaded.value;
  return (
    <>
      <PageHead
        title={task?.title ?? nav.tasks}
        crumb={{ to: '/tasks', label: words.crumb }}
        beside={task && <><StatusTag status={task.status} /><LevelTag level={task.level} /><DueLight task={task} /><LateMark task={task} /><AskedMark task={task} /></>}
        actions={<><Freshness loaded={loaded} />{task && <RecallButton task={task} desk={desk} />}</>}
      />
      {desk.conflict && <Alert className="task-note" type="warning" showIcon title={desk.conflict} closable={{ onClose: desk.clear }} />}
      <Grown loaded={loaded} desk={desk} />
      <LoadView loaded={loaded}>
        {(value) => <TaskBody task={value} desk={desk} />}
      </LoadView>
    </>
  );
}

function TaskBody({ task, desk }: { task: TaskDetail; desk: TaskDesk }) {
  return (
    <div className="task-grid">
      <div>
        <LatePanel task={task} desk={desk} />
        <TaskFacts task={task} />
        <Reports task={task} />
      </div>
      <div className="task-aside">
        <ExtensionPanel task={task} desk={desk} />
        <ReviewPanel key={task.status} task={task} desk={desk} />
        <TaskLog log={task.log} />
      </div>
    </div>
  );
}

/** A background refresh that brings something new says so: nobody decides on what has silently changed. */
function Grown({ loaded, desk }: { loaded: Loaded<TaskDetail>; desk: TaskDesk }) {
  const words = useText().task;
  const [grown, setGrown] = useState(false);
  const seen = useRef<{ id: string; revision: number } | undefined>(undefined);
  const { value } = loaded;
  useEffect(() => {
    if (!value) return;
    const before = seen.current;
    seen.current = { id: value.id, revision: value.revision };
    if (before?.id !== value.id || desk.ownRevision.current === value.revision) setGrown(false);
    else if (before.revision !== value.revision) setGrown(true);
  }, [value, desk]);
  if (!grown || desk.conflict) return null;
  return <Alert className="task-note" type="info" showIcon title={words.grownTitle} closable={{ onClose: () => setGrown(false) }} />;
}
