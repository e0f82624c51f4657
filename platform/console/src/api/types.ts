/** The console API's JSON shapes, as the platform sends them. Times are RFC 3339 UTC texts; ids are UUID texts. */

import type { FeatureCollection, Geometry } from 'geojson';

export type Role = 'duty_officer' | 'station_leader';
export type TaskLevel = 'simple' | 'general' | 'complex' | 'urgent';
export type TaskStatus =
  | 'assigned' | 'accepted' | 'on_site' | 'submitted' | 'rework' | 'suspended'
  | 'escalated' | 'returned' | 'recalled' | 'voided' | 'closed';
export type DueColour = 'green' | 'yellow' | 'red' | 'done';
export type TaskEventKind =
  | 'dispatch' | 'deliver' | 'accept' | 'arrive' | 'submit' | 'amend'
  | 'review_pass' | 'review_fail' | 'recall' | 'late_report' | 'restore'
  | 'request_extension' | 'grant_extension' | 'refuse_extension' | 'late_extension' | 'withdraw_overdue';
export type ExtensionState = 'pending' | 'granted' | 'refused' | 'late' | 'superseded';
export type ClockQuality = 'anchored' | 'inherited' | 'suspect' | 'server';
/** `undecided`: the time of the work is suspect, or a request for more time waits; never overdue meanwhile. */
export type Timeliness = 'open' | 'on_time' | 'overdue' | 'undecided' | 'stopped';
export type ReviewReason = 'not_solved' | 'unclear_photo' | 'wrong_place' | 'missing_item' | 'not_told';
export type AttachmentRole = 'before' | 'during' | 'after' | 'agreement' | 'notice' | 'voice' | 'other';
export type PatrolStatus = 'started' | 'paused' | 'ended';

export interface Page<T> { total: number; items: T[] }
export interface Named { id: string; name: string }
export interface Me extends Named { display_name: string; role: Role; org: Named }
export interface Worker extends Named { job_no: string; role: string; post?: string }

export interface TaskSummary {
  id: string; no: string; title: string; case_kind: string; level: TaskLevel; status: TaskStatus;
  holder: Named; grid_code: string; place_text: string;
  created_at: string; delivered_at?: string; due_at: string; done_at?: string;
  done_clock?: ClockQuality;
  /** Judged by the platform: overdue only when even the earliest moment of the work lies past the due time. */
  timeliness: Timeliness;
  late_report: boolean; light: DueColour; revision: number;
  /** A request for more time waits for an answer. */
  extension_waits: boolean;
  photos_expected: number; photos_here: number;
}

export interface TaskEvent {
  position: number; event: TaskEventKind; actor: Named;
  from?: TaskStatus; to: TaskStatus; reason_code?: string; reason_text?: string;
  occurred_at: string; received_at: string; clock: ClockQuality;
  /** How this step moved the due time; the old one is kept here. */
  due_from?: string; due_to?: string;
}

/** A request for more time and what became of it. `late`: made after the due time; kept, and moves nothing. */
export interface Extension {
  author: Named; wanted_due_at: string; due_then: string; reason: string; state: ExtensionState;
  occurred_at: string; received_at: string; clock: ClockQuality;
  decided_by?: Named; decided_at?: string; given_due_at?: string; answer?: string;
}

export interface Attachment {
  sha256: string; role: AttachmentRole; mime: string; bytes: number;
  taken_at: string; here: boolean; phone_label: string;
}

export interface Report {
  version: number; result: string; measures: string[]; narrative: string; party_told?: string;
  occurred_at: string; received_at: string; clock: ClockQuality; supplement: boolean; late: boolean;
  attachments: Attachment[]; fact: { agreement?: string; self_handled?: boolean; [field: string]: unknown };
}

export interface TaskDetail extends TaskSummary {
  description: string; log: TaskEvent[]; extensions: Extension[]; reports: Report[]; attachments: Attachment[];
}

export interface TaskDraft {
  title: string; description: string; case_kind: string; level: TaskLevel; holder_id: string;
  grid_code?: string; place_text: string; due_at?: string; reason?: string;
}

export type ReviewDecision =
  | { revision: number; result: 'pass' }
  | { revision: number; result: 'fail'; reason_code: ReviewReason; reason_text?: string };

/** A request that waits for an answer, with its task. */
export interface WaitingExtension { task: TaskSummary; extension: Extension }

export type ExtensionAnswer =
  | { revision: number; result: 'grant'; due_at?: string }
  | { revision: number; result: 'refuse'; reason_text: string };

export interface CaseSummary {
  id: string; no: string; case_kind: string; title: string; place_text: string; reporter: Named;
  reported_at: string; received_at: string; clock: ClockQuality; urgent: boolean;
  milestones: { milestone: string; at: string; clock: ClockQuality }[];
  reports: number; photos_expected: number; photos_here: number;
}

export interface PatrolSummary {
  id: string; worker: Named; patrol_type: string; transport: string; post: string; post_name: string;
  status: PatrolStatus; started_at: string; ended_at?: string; clock: ClockQuality;
  distance_m: number; points: number;
  /** What the phone says it recorded; more than `points` means the rest is still on its way. */
  fixes?: number;
  gaps: number; visits: number; observations: number; counts: number;
}

export type LngLat = [number, number];
export type TrackFix = [lng: number, lat: number, tMs: number];
export interface TrackGap { from: LngLat; to: LngLat; seconds: number }
export interface CheckpointVisit {
  checkpoint: string; at: string; clock: ClockQuality; located: boolean; unlocated_reason?: string; point?: LngLat;
}
export interface Observation {
  kind: string; note: string; at: string; clock: ClockQuality; point?: LngLat; attachments: Attachment[];
}

/** The detail answer spells the lists out where the summary only counts them. */
export interface PatrolDetail extends Omit<PatrolSummary, 'visits' | 'observations' | 'counts'> {
  runs: TrackFix[][]; gaps_at: TrackGap[];
  visits: CheckpointVisit[]; observations: Observation[]; counts: CountEntry[];
}

export interface CountTotal { count_kind: string; unit: string; total: number; entries: number }
export interface CountEntry {
  count_kind: string; value: number; post: string; post_name: string; worker: Named;
  recorded_at: string; received_at: string; clock: ClockQuality; patrol?: string; reason?: string; device: string; seq: number;
  /** False for a number too large to believe: kept and shown, not in the total. */
  summed: boolean;
}

/** Positions of a phone's log that are not here, first and last. */
export interface MissingRange { epoch: string; from: number; to: number }
export interface DeviceSummary {
  device: string; phone_label: string; worker: Named; platform: string; last_contact_at?: string;
  received_to: number; backed_up_to: number; head: number; unsent: number; photos_missing: number; parked: number;
  /** Second records under a number already taken; signed logs that differ from what is here. Both sides are kept. */
  conflicts: number; forks: number; revoked_at?: string;
  /** What the phone has signed for and is not here: the first 100 stretches, and how many records in all. */
  missing: MissingRange[]; missing_count: number;
  /** What the phone last told of itself; an older build tells less. */
  app_version: string; oldest_unsent_at?: string; schema?: number; free_bytes?: number; clock_ahead_ms?: number;
}

export interface OutlineProperties { name: string; code?: string; kind?: string; [key: string]: unknown }
export type Outline = FeatureCollection<Geometry, OutlineProperties>;
