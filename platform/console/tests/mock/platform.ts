/** A platform in memory behind `page.route`: it follows the console API's contract closely enough to work against. */
import { readFileSync } from 'node:fs';
import type { Page as BrowserPage, Route } from '@playwright/test';
import type { ExtensionAnswer, Me, Page, ReviewDecision, TaskDetail, TaskDraft, TaskEvent, TaskEventKind, TaskStatus } from '../../src/api/types';
import { CASES } from '../fixtures/cases';
import { COUNT_ENTRIES, unitOf } from '../fixtures/counts';
import { DEVICES } from '../fixtures/devices';
import { OUTLINE } from '../fixtures/outline';
import { PATROLS, patrolDetail } from '../fixtures/patrols';
import { DUTY, LEADER, WORKERS } from '../fixtures/people';
import { TASKS } from '../fixtures/tasks';
import { idOf, NOW, shaOf } from '../fixtures/times';

type Body = Record<string, unknown>;
export class Refusal extends Error {
  constructor(readonly status: number, readonly code: string, readonly textZh: string, readonly textEn: string, readonly field?: string) {
    super(code);
  }
}

const conflict = () => new Refusal(409, 'revision_conflict', '任务已被改动', 'The task has changed');
const dayOf = (at: string): string => new Date(Date.parse(at) + 8 * 3_600_000).toISOString().slice(0, 10);

export class MockPlatform {
  me: Me | undefined;
  tasks: TaskDetail[] = structuredClone(TASKS);
  workers = structuredClone(WORKERS);
  /** Set to make one path fail: with a refusal, or with no answer at all. */
  failures = new Map<string, Refusal | 'no_answer'>();
  posts: { path: string; body: Body }[] = [];
  outside: string[] = [];

  async attach(page: BrowserPage): Promise<void> {
    page.on('request', (request) => {
      if (/^https?:/.test(request.url()) && new URL(request.url()).hostname !== '127.0.0.1') this.outside.push(request.url());
    });
    await page.route('**/api/**', (route) => this.handle(route));
  }

  private async handle(route: Route): Promise<void> {
    const request = route.request();
    const url = new URL(request.url());
    const path = url.pathname.replace(/^\/api/, '');
    try {
      const planned = this.failures.get(path);
      if (planned === 'no_answer') return await route.abort('connectionfailed');
      if (planned) throw planned;
      if (path.startsWith('/attachments/')) return await this.sendPhoto(route, path);
      const body = request.method() === 'POST' ? (JSON.parse(request.postData() ?? '{}') as Body) : undefined;
      if (body && request.headers()['x-grid-console'] !== '1') throw new Refusal(403, 'no_console_header', '请求不完整', 'Incomplete request');
      if (body) this.posts.push({ path, body });
      const answer = body ? this.post(path, body) : this.get(path, url.searchParams);
      await route.fulfill({ json: answer });
    } catch (cause) {
      if (!(cause instanceof Refusal)) throw cause;
      const { status, code, textZh, textEn, field } = cause;
      await route.fulfill({ status, json: { error: { code, ...(field ? { field } : {}), text_zh: textZh, text_en: textEn } } });
    }
  }

  private async sendPhoto(route: Route, path: string): Promise<void> {
    const n = Array.from({ length: 8 }, (_, index) => index + 1).find((index) => path.endsWith(shaOf(index))) ?? 1;
    await route.fulfill({ contentType: 'image/jpeg', body: readFileSync(new URL(`../fixtures/photos/${n}.jpg`, import.meta.url)) });
  }

  private get(path: string, query: URLSearchParams): unknown {
    if (!this.me) throw new Refusal(401, 'no_session', '请先登录', 'Please log in');
    const [, family = '', id] = path.split('/');
    const wanted = (name: string) => query.get(name) ?? undefined;
    switch (family) {
      case 'me': return this.me;
      case 'tasks': return id ? this.task(id) : this.listTasks(query);
      case 'extensions': return slice(this.tasks.flatMap((task) => task.extensions.filter((one) => one.state === 'pending').map((extension) => ({ task, extension }))), query);
      case 'workers': return slice(this.workers, query);
      case 'cases': return slice(CASES.filter((row) => matches(row.case_kind, wanted('case_kind'))), query);
      case 'outline': return OUTLINE;
      case 'patrols':
        if (id) return patrolDetail(found(PATROLS.find((row) => row.id === id)));
        return slice(PATROLS.filter((row) => matches(row.post, wanted('post')) && matches(dayOf(row.started_at), wanted('day'))), query);
      case 'counts': return this.counts(id, query);
      case 'devices': return slice(DEVICES, query);
      default: throw new Refusal(404, 'not_found', '没有这个地址', 'No such address');
    }
  }

  private listTasks(query: URLSearchParams): Page<TaskDetail> {
    const [status, q] = [query.get('status') ?? undefined, query.get('q') ?? ''];
    const key = query.get('sort') === 'created' ? 'created_at' : 'due_at';
    const rows = this.tasks
      .filter((row) => matches(row.status, status) && [row.no, row.title, row.place_text].some((text) => text.includes(q)))
      .sort((a, b) => Number(a.light === 'done') - Number(b.light === 'done') || a[key].localeCompare(b[key]));
    return slice(rows, query);
  }

  private counts(kind: string | undefined, query: URLSearchParams): unknown {
    const [from, to] = [query.get('from') ?? '0', query.get('to') ?? '9'];
    const rows = COUNT_ENTRIES.filter((row) => dayOf(row.recorded_at) >= from && dayOf(row.recorded_at) <= to);
    if (kind) return slice(rows.filter((row) => row.count_kind === kind).toReversed(), query);
    const kinds = [...new Set(rows.map((row) => row.count_kind))];
    return {
      items: kinds.map((count_kind) => {
        const own = rows.filter((row) => row.count_kind === count_kind);
        return { count_kind, unit: unitOf(count_kind), total: own.reduce((sum, row) => sum + row.value, 0), entries: own.length };
      }),
    };
  }

  private post(path: string, body: Body): unknown {
    const [, family, id = '', verb] = path.split('/');
    if (family === 'login') return this.login(body);
    if (!this.me) throw new Refusal(401, 'no_session', '请先登录', 'Please log in');
    if (family === 'logout') {
      this.me = undefined;
      return {};
    }
    if (family !== 'tasks') throw new Refusal(404, 'not_found', '没有这个地址', 'No such address');
    if (!id) return this.dispatch(body as unknown as TaskDraft);
    const task = this.task(id);
    if (body['revision'] !== task.revision) throw conflict();
    switch (verb) {
      case 'review': return this.review(task, body as unknown as ReviewDecision);
      case 'recall': return this.move(task, 'recall', 'recalled', { reason_text: String(body['reason_text']) });
      case 'restore': return this.move(task, 'restore', 'submitted');
      case 'extension': return this.answer(task, body as unknown as ExtensionAnswer);
      default: throw new Refusal(404, 'not_found', '没有这个地址', 'No such address');
    }
  }

  private login({ name, password }: Body): Me {
    const person = [DUTY, LEADER].find((one) => one.name === name && one.password === password);
    if (!person) throw new Refusal(401, 'wrong_credentials', '姓名或密码不对，请再核对一下。', 'The name or password is not right. Please check them.');
    const { password: _, ...me } = person;
    this.me = me;
    return me;
  }

  private dispatch(draft: TaskDraft): TaskDetail {
    const holder = this.workers.find((one) => one.id === draft.holder_id);
    if (!holder) throw new Refusal(422, 'no_such_worker', '找不到这位承办人', 'No such holder', 'holder_id');
    const n = this.tasks.length + 1;
    const task: TaskDetail = {
      id: idOf(16, n), no: `DL-20260${100 + n}`, title: draft.title, description: draft.description, case_kind: draft.case_kind, level: draft.level,
      status: 'assigned', holder: { id: holder.id, name: holder.name }, grid_code: draft.grid_code ?? '', place_text: draft.place_text, created_at: NOW,
      due_at: draft.due_at ?? '2026-01-26T16:00:00.000Z', late_report: false, extension_waits: false, extensions: [], light: 'green', timeliness: 'open', revision: 0, photos_expected: 0, photos_here: 0,
      log: [], reports: [], attachments: [],
    };
    this.tasks.push(task);
    return this.move(task, 'dispatch', 'assigned', draft.reason ? { reason_text: draft.reason } : {});
  }

  private review(task: TaskDetail, decision: ReviewDecision): TaskDetail {
    if (decision.result === 'pass') return this.move(task, 'review_pass', 'closed');
    const { reason_code, reason_text } = decision;
    return this.move(task, 'review_fail', 'rework', { reason_code, ...(reason_text ? { reason_text } : {}) });
  }

  private answer(task: TaskDetail, answer: ExtensionAnswer): TaskDetail {
    const asked = found(task.extensions.find((one) => one.state === 'pending'));
    const decided = { decided_by: { id: this.me?.id ?? '', name: this.me?.display_name ?? '' }, decided_at: NOW };
    task.extension_waits = false;
    if (answer.result === 'refuse') {
      Object.assign(asked, decided, { state: 'refused', answer: answer.reason_text });
      return this.move(task, 'refuse_extension', task.status, { reason_text: answer.reason_text });
    }
    const due = { due_from: task.due_at, due_to: answer.due_at ?? asked.wanted_due_at };
    Object.assign(asked, decided, { state: 'granted', given_due_at: due.due_to });
    task.due_at = due.due_to;
    return this.move(task, 'grant_extension', task.status, due);
  }

  /** Appends one step to the log and moves the revision on. */
  move(task: TaskDetail, event: TaskEventKind, to: TaskStatus, reason: Partial<TaskEvent> = {}): TaskDetail {
    const actor = { id: this.me?.id ?? '', name: this.me?.display_name ?? '' };
    task.log.push({
      position: task.log.length + 1, event, actor, ...(task.log.length ? { from: task.status } : {}), to,
      occurred_at: NOW, received_at: NOW, clock: 'server', ...reason,
    });
    task.status = to;
    task.revision += 1;
    return task;
  }

  task(id: string): TaskDetail {
    return found(this.tasks.find((row) => row.id === id));
  }
}

const matches = (value: string, wanted: string | undefined): boolean => wanted === undefined || value === wanted;

function found<T>(row: T | undefined): T {
  if (!row) throw new Refusal(404, 'not_found', '没有这条记录，或不在您的辖区内。', 'No such record, or it is outside your area.');
  return row;
}

function slice<T>(rows: T[], query: URLSearchParams): Page<T> {
  const [offset, limit] = [Number(query.get('offset') ?? 0), Number(query.get('limit') ?? 50)];
  return { total: rows.length, items: rows.slice(offset, offset + limit) };
}
