/** Every word the console shows, in zh-CN. `en.ts` carries the same keys. */
import type { Span } from '../time/time';

function span(s: Span): string {
  if (s.days > 0) return s.hours > 0 ? `${s.days} 天 ${s.hours} 小时` : `${s.days} 天`;
  if (s.hours > 0) return s.minutes > 0 ? `${s.hours} 小时 ${s.minutes} 分钟` : `${s.hours} 小时`;
  return s.minutes > 0 ? `${s.minutes} 分钟` : `${s.seconds} 秒`;
}

export const zh = {
  app: {
    name: '网格外勤簿', tagline: '岛上断网照常记，连上就到', skip: '跳到正文', menu: '主菜单',
    language: '界面语言', languageZh: '中文', languageEn: 'English', logout: '退出登录',
    zone: '时间均为北京时间', toReview: (n: number) => `${n} 件待复查`,
  },
  nav: { tasks: '任务', cases: '事项', patrols: '巡逻', counts: '计数', devices: '设备' },
  common: {
    retry: '再试一次', refresh: '刷新', cancel: '取消', all: '全部', none: '无',
    updated: (clock: string) => `${clock} 更新`, total: (n: number) => `共 ${n} 条`, yes: '是',
    stale: (clock: string) => `没能刷新，下面仍是 ${clock} 的内容。`, loading: '正在载入…',
    photos: (here: number, expected: number) => `${here}/${expected} 照片已到`, noPhotos: '无照片',
    lag: '回传时延', lagOf: (s: Span) => `回传时延 ${span(s)}`, lagNone: '随发生随收到',
    lagHint: '从发生到平台收到隔了多久。海岛断网是常事，时延不计入是否超期。',
    clockHint: '手机时钟可疑，这个时间要等人确认。',
    span, empty: '这里还没有内容', pageLost: '没有这个页面', pageLostHint: '地址可能有误，或内容已不在您的辖区内。',
  },
  failure: {
    unreachable: '连不上平台。请检查网络；已显示的内容可能不是最新的。',
    unreadable: '平台的回答看不懂，可能正在升级。请稍后再试。',
    refused: (status: number) => `平台没有接受这次操作（${status}）。`,
    signedOut: '登录已过期，请重新登录。没有提交的文字请先记下。',
    conflict: '这个任务刚刚被改动过，您的操作没有执行。已为您重新载入，请看过再决定。',
    broken: '这个页面出错了。记录不受影响，请刷新页面。',
  },
  login: {
    title: '登录', name: '姓名或账号', password: '密码', submit: '登录',
    needName: '请填写姓名或账号', needPassword: '请填写密码', lead: '供值班员与所长使用的督导页面',
    pointOne: '任务按限期排好，断网期间的处置按实际办理时间算', pointTwo: '巡逻轨迹如实画出，中断处不连线',
    pointThree: '每个数字都能点开，看到是由哪些记录加起来的',
  },
  tasks: {
    title: '任务', search: '搜索编号、标题、地点，回车查找', searchLabel: '搜索任务', filter: '按状态筛选',
    sort: '排序', sortDue: '按限期', sortCreated: '按派发时间', dispatch: '派发任务',
    due: '限期', task: '任务', status: '状态', holder: '承办人', place: '地点', photos: '照片', created: '派发',
    late: '已到场处置', lateHint: '收回之前其实已经到场处置，反馈在收回之后才传到。可一键恢复。',
    empty: '没有符合条件的任务', left: (s: Span) => `还剩 ${span(s)}`, over: (s: Span) => `已过 ${span(s)}`,
    dueAt: (at: string) => `限期 ${at}`, asked: '申请延期', askedTitle: (n: number) => `${n} 件延期申请等答复`,
    askedLine: (who: string, at: string) => `${who}希望延到 ${at}`,
  },
  task: {
    crumb: '任务', facts: '任务情况', description: '内容', log: '流转日志', reports: '处置反馈', noReports: '还没有收到处置反馈。',
    noReportsHint: '承办人可能正在没有信号的地方办理，连上后会自动传来。',
    no: '编号', kind: '类别', level: '级别', holder: '承办人', place: '地点', grid: '网格编码', created: '派发时间',
    delivered: '送达手机', notDelivered: '尚未送达手机', due: '限期', done: '办好时间', notDone: '尚未办好', revision: '版次',
    timeliness: '时效', onTime: '按期办好', overdue: '超过限期办好', running: '办理中',
    occurred: '发生', received: '平台收到', lateMark: '收回后传到', supplement: '补充反馈', reportNo: (n: number) => `第 ${n} 版`,
    askedHint: '办好时已过限期，延期申请是在限期内提出的，答复后才定是否按期。', dueMoved: (from: string, to: string) => `限期 ${from} → ${to}`,
    suspectHint: '手机时钟可疑，是否按期要等人确认后再定。', at: (at: string) => `${at} 办理`,
    measures: '措施', narrative: '经过', partyTold: '告知当事人', agreement: '协议', selfHandled: '当场自行处置',
    noNarrative: '未写经过', photos: '照片与附件',
    photoAway: '照片未到，仍在某手机上', photoAwayOn: (phone: string) => `照片未到，仍在手机「${phone}」上`,
    photoOf: (role: string, n: number) => `${role}照片 ${n}`, photoBroken: '照片打不开，请稍后再试', fileOf: (role: string) => `下载${role}附件`,
    grownTitle: '这个任务刚有新进展，下面已是最新内容。', reason: '理由', changed: (from: string, to: string) => `${from} → ${to}`,
    lateTitle: '已到场处置：收回之前其实已经办好',
    lateText: '承办人断网时已经办理，反馈在收回之后才传到。记录完整保留，不算超期，也不算退回。恢复后进入待复查。',
    restore: '恢复为待复查', restoreByDuty: '由值班员决定是否恢复', restored: '已恢复，任务回到待复查。', recall: '收回任务', recallTitle: '收回任务',
    recallHint: '承办人下次连上平台时会看到您写的理由。如果他断网时已经办好，反馈仍会保留，您可以一键恢复。',
    recallReason: '收回理由', needRecallReason: '请写明收回理由，承办人会看到', recallDone: '已收回。', recallSubmit: '确认收回',
  },
  review: {
    title: '复查', lead: '对照反馈、照片、限期和是否告知当事人，给出结论。', pass: '通过，办结', back: '退回重办',
    passed: '已通过，任务办结。', sentBack: '已退回重办，理由会传到承办人手机。',
    reason: '退回理由', needReason: '请选一个退回理由', text: '补充说明', textHint: '写清还差什么、怎么补，承办人能照着做',
    submitBack: '确认退回',
  },
  extension: {
    title: '延期申请', lead: '在限期内提出、晚传到的也算按时提出；答复之前，在希望的期限以内不算超期。', asked: '提出', wanted: '希望延到', dueThen: '当时限期',
    grant: (at: string) => `同意，延到 ${at}`, granted: '已同意延期，新限期会传到承办人手机。', refuse: '不同意', refused: '已答复不同意，理由会传到承办人手机。',
    reason: '不同意的理由', needReason: '请写明理由，承办人会看到', submitRefuse: '确认不同意', given: '答复', givenUntil: (who: string, at: string) => `${who}同意延到 ${at}`,
    refusedBy: (who: string, why: string) => `${who}：${why}`,
  },
  extensionState: {
    pending: '延期申请中', granted: '延期已同意', refused: '延期未同意', late: '申请延期时已过期限，申请已留存', superseded: '延期申请已被后来的申请或期限代替',
  },
  dispatch: {
    title: '派发任务', name: '标题', nameHint: '一句话说清要办什么', description: '内容', kind: '类别', level: '级别',
    holder: '承办人', holderHint: '按姓名、工号或岗位查找', place: '地点', grid: '网格编码', gridHint: '15 位数字，可不填',
    badGrid: '网格编码是 15 位数字', due: '限期（北京时间）', reason: '限期理由', reasonHint: '为什么定这个限期', submit: '派发',
    needTitle: '请填写标题', needDescription: '请填写内容', needKind: '请选类别', needHolder: '请选承办人', needPlace: '请填写地点',
    needDue: '复杂任务要定限期', needDueReason: '请写明限期理由', done: (no: string) => `已派发，编号 ${no}。`,
    simpleHint: '3 日内办好，由平台按工作日历算限期', generalHint: '7 日内办好，由平台按工作日历算限期',
    complexHint: '限期由您确定，并写明理由', urgentHint: '立即办理，从派发起计时', optional: '选填',
    offline: '承办人断网时，任务会在他连上后送达；签收时限从送达起算。',
  },
  cases: {
    title: '事项', lead: '由一线手机上报的事项，含断网时自行立起的求助与救援。', filter: '类别', kind: '类别',
    name: '事项', reporter: '上报人', reported: '上报时间', received: '平台收到', reports: '反馈', photos: '照片',
    urgent: '紧急', milestones: '救援节点', plus: (clock: string) => `+${clock}`, empty: '没有这一类事项',
    noMilestones: '还没有记录节点', reportCount: (n: number) => `${n} 份`,
  },
  patrols: {
    title: '巡逻', lead: '里程只作事实展示，不作比较。', post: '岗位', allPosts: '全部岗位', day: '日期', allDays: '全部日期', empty: '没有符合条件的巡逻',
    worker: '巡逻人', type: '类型', transport: '方式', status: '状态', start: '开始', end: '结束', distance: '里程', points: '轨迹点',
    gaps: '中断', visits: '点位', observations: '发现', counts: '计数', open: (post: string, at: string) => `打开巡逻 ${post} ${at}`,
    clear: '不筛选', board: (day: string) => `${day} 各岗位巡逻时段`, running: '进行中', km: (m: number) => `${(m / 1000).toFixed(2)} 公里`,
    startEnd: '起止', onlyDay: (day: string) => `只看 ${day}`,
  },
  patrol: {
    title: (post: string) => `${post}巡逻`, crumb: '巡逻', map: '巡逻轨迹图', mapLoading: '正在准备地图…', facts: '巡逻情况', duration: '时长',
    gapsTitle: '轨迹中断', gapLabel: (m: number) => `中断 ${m} 分钟`, gapLabelSeconds: (s: number) => `中断 ${s} 秒`,
    gapHint: '中断处没有定位，虚线只表示前后两端，不是走过的路，也不计里程。', noGaps: '轨迹没有中断。',
    legendRun: '走过的轨迹', legendGap: '中断（未走此线）', legendPost: '岗位', legendCheckpoint: '点位', legendObservation: '发现',
    start: '起', end: '止', visits: '点位到访', observations: '现场发现', counts: '计数', noVisits: '没有点位到访', noObservations: '没有现场发现',
    noCounts: '没有计数', unlocated: '无定位', located: '有定位', showIsland: '看全岛', showTrack: '看轨迹', outlineNote: '岛形轮廓仅为示意，不可用于导航。',
    noTrack: '这次巡逻没有轨迹', noTrackHint: '轨迹可以不开，也可能还在手机上没传来。', mapFailed: '地图打不开', mapFailedHint: '这台电脑的浏览器不支持绘图，右侧文字记录不受影响。',
    zoomIn: '放大', zoomOut: '缩小', fixes: (n: number) => `${n} 个`, fixesOf: (n: number) => `手机记录 ${n} 个，其余还在路上`,
  },
  counts: {
    title: '计数', lead: '按类别合计。点开可以看到每一条记录。', range: '日期范围', from: '开始日期', to: '结束日期', entries: (n: number) => `${n} 条记录`,
    empty: '这段时间没有计数', total: '合计', value: '数目', post: '岗位', worker: '记录人', recorded: '记录时间', received: '平台收到',
    source: '手机与序号', reason: '更正理由', correction: '更正', noReason: '未写理由', notSummed: '数目过大，未计入合计', patrol: '所在巡逻', openPatrol: '打开巡逻',
    detail: (kind: string) => `${kind}明细`, openKind: (kind: string) => `查看${kind}明细`, correctionNote: '红色负数是更正，原来的记录仍在，合计已扣除。',
    crumb: '计数', estimate: '金额为现场估算',
  },
  devices: {
    title: '设备', lead: '哪些手机还有没传来的记录。超过一天没有联系，不妨打个电话问问，不算过失。', phone: '手机', worker: '使用人', platform: '系统',
    lastContact: '最近联系', never: '还没有联系过', ago: (s: Span) => `${span(s)}前`, justNow: '刚刚', care: '联系一下',
    careHint: '超过 24 小时没有联系，可能只是没有信号。打个电话问问情况。', unsent: '未回传', unsentOf: (n: number) => `${n} 条在手机上`,
    oldest: (at: string) => `最早一条记于 ${at}`, spaceLow: '手机空间不足', clockWrong: '手机时间不准',
    allReceived: '都已收到', receivedOf: (to: number, head: number) => `收到第 ${to} 条 / 手机记到第 ${head} 条`,
    parked: '待人处理', parkedOf: (n: number) => `${n} 条待处理`, parkedHint: '平台收下了原文，但暂时不能入账，需要人看一看。', photos: '未到照片',
    photosOf: (n: number) => `${n} 张在手机上`, empty: '还没有登记手机', summary: (n: number) => `${n} 部手机超过一天没有联系`, revoked: '已停用',
    missing: (from: number, to: number) => (from === to ? `第 ${from} 条未到` : `第 ${from} 到 ${to} 条未到`),
    missingAll: (n: number) => `共 ${n} 条未到`, backedUp: (n: number) => `已入账到第 ${n} 条`, notBackedUp: '还没有入账',
    conflicts: (n: number) => `有 ${n} 条记录与先收到的编号相同、内容不同。两份都已保留，请核对是否有两部手机用了同一份数据。`,
    forks: (n: number) => `手机签名的记录与平台收到的有 ${n} 处对不上。两边都已保留，请联系使用人核对，先不要清空手机。`,
  },
  light: { green: '时限内', yellow: '将到期', red: '已超期', done: '已办好', stopped: '不再计时', undecided: '时间待确认', asked: '延期待答复' },
  role: { duty_officer: '值班员', station_leader: '所长' },
  workerRole: {
    liaison: '联络员', grid_worker: '网格员', grid_leader: '网格长', community_officer: '社区民警', border_officer: '边境民警',
    post_leader: '岗位组长', station_leader: '所长', duty_officer: '值班人员',
  },
  taskStatus: {
    assigned: '待签收', accepted: '已签收', on_site: '处置中', submitted: '待复查', rework: '退回重办', suspended: '挂账',
    escalated: '已上报', returned: '已退单', recalled: '已收回', voided: '已作废', closed: '已办结',
  },
  level: { simple: '简单', general: '一般', complex: '复杂', urgent: '紧急' },
  event: {
    dispatch: '派单', deliver: '送达', accept: '签收', arrive: '到场', submit: '反馈', review_pass: '复查通过',
    review_fail: '退回重办', recall: '收回', late_report: '补报', restore: '恢复', amend: '补充反馈',
    request_extension: '申请延期', grant_extension: '同意延期', refuse_extension: '不同意延期', late_extension: '过期后申请延期',
    withdraw_overdue: '撤销超期',
  },
  clock: { anchored: '已和平台对时', inherited: '按手机时间', suspect: '时间待确认', server: '平台时间' },
  reviewReason: {
    not_solved: '问题还在', unclear_photo: '照片看不清', wrong_place: '地点对不上', missing_item: '还缺内容', not_told: '还没告知当事人',
  },
  result: {
    solved: '已解决', partly_solved: '部分解决', persuaded: '已劝导', mediated_agreed: '调解成功', mediated_failed: '调解未成',
    not_found: '未找到', false_report: '情况不属实', duplicate: '重复', transferred: '已移交', needs_department: '需要部门处理',
    refused_entry: '未能进入', emergency_handled: '应急处置完毕', no_violation: '未见违规',
  },
  measure: {
    cleaned: '清理', removed: '移除', warned: '提醒警示', persuaded: '劝导', mediated: '调解', evacuated: '疏散转移', rescued: '救助',
    first_aid: '急救', notified_owner: '通知业主', notified_property_mgmt: '通知物业', notified_department: '通知部门',
    sealed_or_cordoned: '封闭或警戒', publicity: '宣传', recorded_only: '仅记录',
  },
  partyTold: { yes: '已告知', no: '未告知', unreachable: '联系不上' },
  agreement: { oral: '口头协议', written: '书面协议' },
  attachmentRole: { before: '处置前', during: '现场', after: '处置后', agreement: '协议', notice: '告知书', voice: '语音', other: '其他' },
  caseKind: {
    dispute: '矛盾纠纷', hazard: '安全隐患', public_order: '治安', environment: '环境卫生', ecology: '生态保护', livelihood_help: '民生求助',
    clue: '线索', urgent: '紧急求助', survey: '排查', publicity: '宣传', inspection: '检查', other: '其他',
  },
  milestone: {
    received: '接到求助', partner_informed: '已通知协作方', departed: '已出发', on_scene: '已到场', contact_made: '已接触到人', safe: '人已安全', handed_over: '已移交',
  },
  patrolType: {
    dock_duty: '码头执勤', scenic_area: '景区巡逻', coastline: '海岸线巡逻', sea: '海上巡逻', street: '街面巡逻', night_market: '夜市巡逻', rail_station: '车站巡逻',
    village_visit: '入村走访', plot_survey: '地块踏查', holiday: '节假日巡逻', typhoon_check: '防台检查', ice_check: '冰情检查',
  },
  transport: { foot: '步行', bike: '骑行', car: '乘车', boat: '乘船', drone_assist: '无人机辅助' },
  patrolStatus: { started: '进行中', paused: '暂停', ended: '已结束' },
  observationKind: {
    normal: '无异常', hazard: '隐患', dispute: '纠纷', order: '秩序', ecology: '生态', crowd: '人流', vessel: '船只', facility: '设施',
    visit: '走访', publicity: '宣传', other: '其他',
  },
  unlocatedReason: { indoor: '在室内', basement: '在地下', no_sky: '看不到天空' },
  countKind: {
    island_entry_check: '上岛检查', dissuade_illegal_sailing: '劝阻违规出海', mudflat_dispute_resolved: '化解滩涂纠纷', ecology_stopped: '制止破坏生态',
    rescued: '救助', vessel_moved: '转移船只', property_saved: '挽回损失', dispute_mediated: '调解纠纷', household_visit: '入户走访',
    test_organised: '组织检测', goods_moved: '运送物资', calls_received: '接警', officers_out: '出动人员', order_case: '治安案件',
    offender_dealt: '查处人员', publicity: '宣传',
  },
  countUnit: {
    island_entry_check: '人次', dissuade_illegal_sailing: '人次', mudflat_dispute_resolved: '起', ecology_stopped: '起', rescued: '人次',
    vessel_moved: '艘次', property_saved: '元', dispute_mediated: '起', household_visit: '户', test_organised: '人次', goods_moved: 'kg',
    calls_received: '起', officers_out: '人', order_case: '起', offender_dealt: '名', publicity: '人次',
  },
  platform: { android: '安卓', ios: '苹果', linux: '电脑终端' },
};

export type Text = typeof zh;
