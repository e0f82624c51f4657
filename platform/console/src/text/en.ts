/** Every word the console shows, in English. Same keys as `zh.ts`; the type keeps them together. */
import type { Span } from '../time/time';
import type { Text } from './zh';

const several = (n: number, one: string, many: string): string => `${n} ${n === 1 ? one : many}`;

function span(s: Span): string {
  if (s.days > 0) return s.hours > 0 ? `${s.days} d ${s.hours} h` : `${s.days} d`;
  if (s.hours > 0) return s.minutes > 0 ? `${s.hours} h ${s.minutes} min` : `${s.hours} h`;
  return s.minutes > 0 ? `${s.minutes} min` : `${s.seconds} s`;
}

export const en: Text = {
  app: {
    name: 'Grid Console', tagline: 'Recorded offline, here when the link is', skip: 'Skip to content', menu: 'Main menu',
    language: 'Language', languageZh: '中文', languageEn: 'English', logout: 'Log out',
    zone: 'All times are Beijing time', toReview: (n) => `${n} to check`,
  },
  nav: { tasks: 'Tasks', cases: 'Cases', patrols: 'Patrols', counts: 'Counts', devices: 'Devices' },
  common: {
    retry: 'Try again', refresh: 'Refresh', cancel: 'Cancel', all: 'All', none: 'None',
    updated: (clock) => `Updated ${clock}`, total: (n) => several(n, 'entry', 'entries'), yes: 'Yes',
    stale: (clock) => `Could not refresh. What you see is from ${clock}.`, loading: 'Loading…',
    photos: (here, expected) => `${here}/${expected} photos here`, noPhotos: 'No photos',
    lag: 'Transfer lag', lagOf: (s) => `Transfer lag ${span(s)}`, lagNone: 'Received as it happened',
    lagHint: 'How long the record took to reach the platform. An island is often offline: lag never makes anyone overdue.',
    clockHint: 'The phone clock is doubtful: this time waits for a person to confirm it.',
    span, empty: 'Nothing here yet', pageLost: 'No such page', pageLostHint: 'The address may be wrong, or the record is outside your area.',
  },
  failure: {
    unreachable: 'The platform cannot be reached. Check the network; what you see may not be current.',
    unreadable: 'The platform gave an answer we cannot read. It may be updating: try again soon.',
    refused: (status) => `The platform did not accept this (${status}).`,
    signedOut: 'Your session has ended. Please log in again. Note any text you had not submitted.',
    conflict: 'This task was changed a moment ago, so your action was not carried out. It has been reloaded: please look before you decide.',
    broken: 'This page failed. The records are not affected: please reload the page.',
  },
  login: {
    title: 'Log in', name: 'Name or account', password: 'Password', submit: 'Log in',
    needName: 'Enter your name or account', needPassword: 'Enter your password', lead: 'For duty officers and station leaders',
    pointOne: 'Tasks in order of due time; offline work counts from when it was done', pointTwo: 'Patrol tracks drawn as they were, gaps never joined',
    pointThree: 'Every number opens the records it is made of',
  },
  tasks: {
    title: 'Tasks', search: 'Search number, title, place, then Enter', searchLabel: 'Search tasks', filter: 'Filter by status',
    sort: 'Sort', sortDue: 'By due time', sortCreated: 'By dispatch', dispatch: 'Dispatch a task',
    due: 'Due', task: 'Task', status: 'Status', holder: 'Holder', place: 'Place', photos: 'Photos', created: 'Dispatched',
    late: 'Was on scene', lateHint: 'The work had been done before the recall; the report arrived after it. You can restore it in one click.',
    empty: 'No tasks match', left: (s) => `${span(s)} left`, over: (s) => `${span(s)} past due`,
    dueAt: (at) => `due ${at}`, asked: 'Asks for more time', askedTitle: (n) => `${several(n, 'request', 'requests')} for more time to answer`,
    askedLine: (who, at) => `${who} asks until ${at}`,
  },
  task: {
    crumb: 'Tasks', facts: 'The task', description: 'Description', log: 'Log', reports: 'Reports', noReports: 'No report has arrived yet.',
    noReportsHint: 'The holder may be working without signal; the report comes by itself when the link returns.',
    no: 'Number', kind: 'Kind', level: 'Level', holder: 'Holder', place: 'Place', grid: 'Grid code', created: 'Dispatched',
    delivered: 'Reached the phone', notDelivered: 'Not on the phone yet', due: 'Due', done: 'Done', notDone: 'Not done yet', revision: 'Revision',
    timeliness: 'Timeliness', onTime: 'Done on time', overdue: 'Done after due', running: 'In progress',
    occurred: 'Happened', received: 'Received', lateMark: 'Arrived after recall', supplement: 'Supplement', reportNo: (n) => `Version ${n}`,
    askedHint: 'Done after the due time; more time was asked for before it. The answer settles whether it was in time.', dueMoved: (from, to) => `due ${from} → ${to}`,
    suspectHint: 'The phone clock is doubtful: on time or not stays open until a person confirms.', at: (at) => `Done ${at}`,
    measures: 'Measures', narrative: 'What was done', partyTold: 'Party told', agreement: 'Agreement', selfHandled: 'Handled on the spot',
    noNarrative: 'No narrative', photos: 'Photos and files',
    photoAway: 'Photo not here yet, still on a phone', photoAwayOn: (phone) => `Photo not here yet, still on phone “${phone}”`,
    photoOf: (role, n) => `Photo ${n}, ${role}`, photoBroken: 'The photo will not open. Try again later', fileOf: (role) => `Download file: ${role}`,
    grownTitle: 'Something new has arrived for this task: you are seeing the latest.', reason: 'Reason', changed: (from, to) => `${from} → ${to}`,
    lateTitle: 'Was on scene: the work had been done before the recall',
    lateText: 'The holder worked offline and the report arrived after the recall. The record is kept in full; it is neither overdue nor sent back. Restoring puts it up for review.',
    restore: 'Restore for review', restoreByDuty: 'The duty officer decides whether to restore it', restored: 'Restored: the task is up for review.', recall: 'Recall', recallTitle: 'Recall the task',
    recallHint: 'The holder will see your reason at the next contact. If the work was already done offline, the report is kept and you can restore it in one click.',
    recallReason: 'Reason for the recall', needRecallReason: 'Give a reason: the holder will see it', recallDone: 'Recalled.', recallSubmit: 'Recall',
  },
  review: {
    title: 'Review', lead: 'Compare the report, the photos, the due time and whether the party was told, then decide.', pass: 'Pass and close', back: 'Send back',
    passed: 'Passed: the task is closed.', sentBack: 'Sent back: the reason goes to the holder’s phone.',
    reason: 'Reason', needReason: 'Choose a reason', text: 'More detail', textHint: 'Say what is missing and how to mend it, so that the holder can act on it',
    submitBack: 'Send back',
  },
  extension: {
    title: 'More time', lead: 'Asked in time counts, however late it arrived; until it is answered nothing is overdue up to the time it wants.', asked: 'Asked', wanted: 'Until', dueThen: 'Due then',
    grant: (at) => `Give until ${at}`, granted: 'More time given: the new due time goes to the holder’s phone.', refuse: 'Refuse', refused: 'Refused: the reason goes to the holder’s phone.',
    reason: 'Reason for the refusal', needReason: 'Give a reason: the holder will see it', submitRefuse: 'Refuse the request', given: 'Answer', givenUntil: (who, at) => `${who} gave until ${at}`,
    refusedBy: (who, why) => `${who}: ${why}`,
  },
  extensionState: {
    pending: 'More time asked for', granted: 'More time given', refused: 'More time refused', late: 'More time was asked for after the due time; the request is kept',
    superseded: 'A later request or due time took the place of this request',
  },
  dispatch: {
    title: 'Dispatch a task', name: 'Title', nameHint: 'What is to be done, in one line', description: 'Description', kind: 'Kind', level: 'Level',
    holder: 'Holder', holderHint: 'Find by name, job number or post', place: 'Place', grid: 'Grid code', gridHint: '15 digits, optional',
    badGrid: 'A grid code has 15 digits', due: 'Due (Beijing time)', reason: 'Reason for the due time', reasonHint: 'Why this due time', submit: 'Dispatch',
    needTitle: 'Enter a title', needDescription: 'Enter a description', needKind: 'Choose a kind', needHolder: 'Choose a holder', needPlace: 'Enter a place',
    needDue: 'A complex task needs a due time', needDueReason: 'Give the reason for the due time', done: (no) => `Dispatched as ${no}.`,
    simpleHint: 'Within 3 days; the platform counts by the work calendar', generalHint: 'Within 7 days; the platform counts by the work calendar',
    complexHint: 'You set the due time and give the reason', urgentHint: 'At once; the clock starts at dispatch', optional: 'optional',
    offline: 'If the holder is offline, the task arrives at the next contact; the time to accept counts from its arrival.',
  },
  cases: {
    title: 'Cases', lead: 'Cases reported from phones, including calls for help started with no network.', filter: 'Kind', kind: 'Kind',
    name: 'Case', reporter: 'Reporter', reported: 'Reported', received: 'Received', reports: 'Reports', photos: 'Photos',
    urgent: 'Urgent', milestones: 'Milestones', plus: (clock) => `+${clock}`, empty: 'No cases of this kind',
    noMilestones: 'No milestones recorded yet', reportCount: (n) => `${n}`,
  },
  patrols: {
    title: 'Patrols', lead: 'Distance is shown as a fact, never compared.', post: 'Post', allPosts: 'All posts', day: 'Day', allDays: 'All days', empty: 'No patrols match',
    worker: 'Patrolled by', type: 'Type', transport: 'By', status: 'Status', start: 'Start', end: 'End', distance: 'Distance', points: 'Fixes',
    gaps: 'Gaps', visits: 'Visits', observations: 'Findings', counts: 'Counts', open: (post, at) => `Open patrol ${post} ${at}`,
    clear: 'Clear filters', board: (day) => `Patrols by post on ${day}`, running: 'running', km: (m) => `${(m / 1000).toFixed(2)} km`,
    startEnd: 'Start and end', onlyDay: (day) => `Only ${day}`,
  },
  patrol: {
    title: (post) => `Patrol, ${post}`, crumb: 'Patrols', map: 'Map of the patrol track', mapLoading: 'Preparing the map…', facts: 'The patrol', duration: 'Duration',
    gapsTitle: 'Gaps in the track', gapLabel: (m) => `gap ${m} min`, gapLabelSeconds: (s) => `gap ${s} s`,
    gapHint: 'There was no position in a gap. The dashed line only joins its two ends: it is not a way walked and adds no distance.', noGaps: 'The track has no gaps.',
    legendRun: 'Track', legendGap: 'Gap (not walked)', legendPost: 'Post', legendCheckpoint: 'Checkpoint', legendObservation: 'Finding',
    start: 'Start', end: 'End', visits: 'Checkpoint visits', observations: 'Findings', counts: 'Counts', noVisits: 'No checkpoint visits', noObservations: 'No findings',
    noCounts: 'No counts', unlocated: 'no position', located: 'with position', showIsland: 'Whole island', showTrack: 'Track', outlineNote: 'The outline is schematic: not for navigation.',
    noTrack: 'This patrol has no track', noTrackHint: 'A track is optional, or it may still be on the phone.', mapFailed: 'The map cannot be drawn', mapFailedHint: 'This browser cannot draw maps. The written records are not affected.',
    zoomIn: 'Zoom in', zoomOut: 'Zoom out', fixes: (n) => `${n}`, fixesOf: (n) => `${n} recorded, the rest is on its way`,
  },
  counts: {
    title: 'Counts', lead: 'Totals by kind. Open one to see every record in it.', range: 'Date range', from: 'From day', to: 'To day', entries: (n) => several(n, 'record', 'records'),
    empty: 'No counts in this period', total: 'Total', value: 'Number', post: 'Post', worker: 'Recorded by', recorded: 'Recorded', received: 'Received',
    source: 'Phone and number', reason: 'Reason for correction', correction: 'Correction', noReason: 'No reason given', notSummed: 'Too large, not in the total', patrol: 'Patrol', openPatrol: 'Open patrol',
    detail: (kind) => `${kind}: records`, openKind: (kind) => `Open records of ${kind}`, correctionNote: 'Negative numbers in red are corrections: the first record stays, the total is already reduced.',
    crumb: 'Counts', estimate: 'Amounts are estimates made on site',
  },
  devices: {
    title: 'Devices', lead: 'Which phones still hold records. More than a day without contact is a reason to call and ask, not a fault.', phone: 'Phone', worker: 'Used by', platform: 'System',
    lastContact: 'Last contact', never: 'No contact yet', ago: (s) => `${span(s)} ago`, justNow: 'just now', care: 'Get in touch',
    careHint: 'No contact for more than 24 hours: perhaps only no signal. Give them a call.', unsent: 'Not sent yet', unsentOf: (n) => `${n} on the phone`,
    oldest: (at) => `the oldest is of ${at}`, spaceLow: 'Phone is low on space', clockWrong: 'Phone clock is wrong',
    allReceived: 'All received', receivedOf: (to, head) => `received up to ${to} of ${head} written`,
    parked: 'Needs a person', parkedOf: (n) => `${n} waiting`, parkedHint: 'The platform keeps the original but cannot enter it yet: someone has to look.', photos: 'Photos missing',
    photosOf: (n) => `${n} on the phone`, empty: 'No phones enrolled yet', summary: (n) => `${several(n, 'phone', 'phones')} without contact for more than a day`, revoked: 'revoked',
    missing: (from, to) => (from === to ? `number ${from} not here` : `numbers ${from} to ${to} not here`),
    missingAll: (n) => `${several(n, 'record', 'records')} not here in all`, backedUp: (n) => `backed up as far as ${n}`, notBackedUp: 'not backed up yet',
    conflicts: (n) => `${several(n, 'record has', 'records have')} the number of an earlier one and other content. Both are kept: check whether two phones use one copy of the data.`,
    forks: (n) => `What the phone signed and what has arrived differ in ${several(n, 'place', 'places')}. Both are kept: ask its user, and do not clear the phone.`,
  },
  light: { green: 'In time', yellow: 'Due soon', red: 'Overdue', done: 'Done', stopped: 'Clock stopped', undecided: 'Time to be confirmed', asked: 'More time asked for' },
  role: { duty_officer: 'Duty officer', station_leader: 'Station leader' },
  workerRole: {
    liaison: 'Liaison', grid_worker: 'Grid worker', grid_leader: 'Grid leader', community_officer: 'Community officer', border_officer: 'Border officer',
    post_leader: 'Post leader', station_leader: 'Station leader', duty_officer: 'Duty officer',
  },
  taskStatus: {
    assigned: 'To accept', accepted: 'Accepted', on_site: 'On scene', submitted: 'To be checked', rework: 'Back for rework', suspended: 'Suspended',
    escalated: 'Passed up', returned: 'Handed back', recalled: 'Recalled', voided: 'Void', closed: 'Closed',
  },
  level: { simple: 'Simple', general: 'General', complex: 'Complex', urgent: 'Urgent' },
  event: {
    dispatch: 'Dispatch', deliver: 'Deliver', accept: 'Accept', arrive: 'Arrive', submit: 'Report', review_pass: 'Check passed',
    review_fail: 'Back for rework', recall: 'Recall', late_report: 'Report all the same', restore: 'Restore',
    amend: 'Amend the report', request_extension: 'Ask for more time', grant_extension: 'Give more time', refuse_extension: 'Refuse more time',
    late_extension: 'Ask for more time too late', withdraw_overdue: 'Withdraw overdue',
  },
  clock: { anchored: 'Checked against the platform', inherited: "By the phone's clock", suspect: 'Time to be confirmed', server: 'Platform time' },
  reviewReason: {
    not_solved: 'Not solved yet', unclear_photo: 'Photo not clear', wrong_place: 'Place does not match', missing_item: 'Something is missing', not_told: 'Person concerned not told yet',
  },
  result: {
    solved: 'Solved', partly_solved: 'Partly solved', persuaded: 'Talked round', mediated_agreed: 'Mediated, agreed', mediated_failed: 'Mediated, not agreed',
    not_found: 'Not found', false_report: 'Not as reported', duplicate: 'Duplicate', transferred: 'Handed on', needs_department: 'Needs a department',
    refused_entry: 'No entry', emergency_handled: 'Emergency handled', no_violation: 'No violation found',
  },
  measure: {
    cleaned: 'Cleaned up', removed: 'Removed', warned: 'Warned', persuaded: 'Talked to people', mediated: 'Mediated', evacuated: 'Evacuated', rescued: 'Rescued',
    first_aid: 'First aid', notified_owner: 'Told the owner', notified_property_mgmt: 'Told the property management', notified_department: 'Told a department',
    sealed_or_cordoned: 'Sealed or cordoned off', publicity: 'Publicity', recorded_only: 'Recorded only',
  },
  partyTold: { yes: 'Told', no: 'Not told', unreachable: 'Could not be reached' },
  agreement: { oral: 'Oral', written: 'Written' },
  attachmentRole: { before: 'Before', during: 'On the scene', after: 'After', agreement: 'Agreement', notice: 'Notice', voice: 'Voice note', other: 'Other' },
  caseKind: {
    dispute: 'Dispute', hazard: 'Safety hazard', public_order: 'Public order', environment: 'Environment', ecology: 'Ecology', livelihood_help: 'Help for a resident',
    clue: 'Clue', urgent: 'Urgent call', survey: 'Survey', publicity: 'Publicity', inspection: 'Inspection', other: 'Other',
  },
  milestone: {
    received: 'Call received', partner_informed: 'Partner informed', departed: 'Departed', on_scene: 'On scene', contact_made: 'Contact made', safe: 'Safe', handed_over: 'Handed over',
  },
  patrolType: {
    dock_duty: 'Dock duty', scenic_area: 'Scenic area', coastline: 'Coastline', sea: 'At sea', street: 'Street', night_market: 'Night market', rail_station: 'Railway station',
    village_visit: 'Village visit', plot_survey: 'Plot survey', holiday: 'Holiday', typhoon_check: 'Typhoon check', ice_check: 'Ice check',
  },
  transport: { foot: 'On foot', bike: 'By bike', car: 'By car', boat: 'By boat', drone_assist: 'With a drone' },
  patrolStatus: { started: 'Running', paused: 'Paused', ended: 'Ended' },
  observationKind: {
    normal: 'All normal', hazard: 'Hazard', dispute: 'Dispute', order: 'Public order', ecology: 'Ecology', crowd: 'Crowd', vessel: 'Vessel', facility: 'Facility',
    visit: 'Visit', publicity: 'Publicity', other: 'Other',
  },
  unlocatedReason: { indoor: 'Indoors', basement: 'In a basement', no_sky: 'No open sky' },
  countKind: {
    island_entry_check: 'Island entry checks', dissuade_illegal_sailing: 'Illegal sailings talked out of', mudflat_dispute_resolved: 'Mudflat disputes resolved', ecology_stopped: 'Harm to nature stopped',
    rescued: 'Rescued', vessel_moved: 'Vessels moved to safety', property_saved: 'Property saved', dispute_mediated: 'Disputes mediated', household_visit: 'Households visited',
    test_organised: 'Tests organised', goods_moved: 'Goods moved', calls_received: 'Calls received', officers_out: 'Officers out', order_case: 'Public order cases',
    offender_dealt: 'Offenders dealt with', publicity: 'People reached by publicity',
  },
  countUnit: {
    island_entry_check: 'person-times', dissuade_illegal_sailing: 'person-times', mudflat_dispute_resolved: 'incidents', ecology_stopped: 'incidents', rescued: 'person-times',
    vessel_moved: 'vessel-times', property_saved: 'yuan', dispute_mediated: 'incidents', household_visit: 'households', test_organised: 'person-times', goods_moved: 'kg',
    calls_received: 'calls', officers_out: 'officers', order_case: 'cases', offender_dealt: 'persons', publicity: 'person-times',
  },
  platform: { android: 'Android', ios: 'iOS', linux: 'Linux terminal' },
};
