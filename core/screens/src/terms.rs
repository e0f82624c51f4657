//! The terms of the domain in the words people use.

use grid_model::lane::{ChangeKind, LaneKind};
use grid_model::terms::{
    AgreementForm, AttachmentRole, CaseKind, CountKind, DisputeType, Level, Measure, Milestone,
    ObservationKind, PartyRole, PartyTold, PatrolType, Proof, ReportResult, ReviewFailReason, Role, RowKind,
    Scale, Transport, UnlocatedReason,
};
use grid_model::time::ClockQuality;
use grid_model::{ExtensionState, TaskEvent, TaskStatus};

use crate::Lang;
use crate::worded::worded;

worded! {
    CaseKind {
        Dispute = "矛盾纠纷", "dispute";
        Hazard = "安全隐患", "safety hazard";
        PublicOrder = "治安", "public order";
        Environment = "环境卫生", "environment";
        Ecology = "生态保护", "ecology";
        LivelihoodHelp = "民生求助", "help for a resident";
        Clue = "线索", "clue";
        Urgent = "紧急求助", "urgent call";
        Survey = "排查", "survey";
        Publicity = "宣传", "publicity";
        Inspection = "检查", "inspection";
        Other = "其他", "other";
    }
    Level {
        Simple = "简单", "simple";
        General = "一般", "general";
        Complex = "复杂", "complex";
        Urgent = "紧急", "urgent";
    }
    DisputeType {
        MarriageFamily = "婚姻家庭", "marriage and family";
        Neighbour = "邻里", "neighbours";
        PropertyMgmt = "物业", "property management";
        LabourPay = "劳资", "labour and pay";
        LandForestWater = "土地山林水利", "land, forest or water";
        Demolition = "征地拆迁", "land taking and demolition";
        BuildingQuality = "房屋质量", "building quality";
        Contract = "合同", "contract";
        ConsumerTourism = "消费旅游", "consumers and tourism";
        Mudflat = "滩涂", "mudflat";
        Medical = "医疗", "medical";
        School = "校园", "school";
        Environment = "环境", "environment";
        Traffic = "交通", "traffic";
        VillageAffairs = "村务", "village affairs";
        Maritime = "海上", "maritime";
        Other = "其他", "other";
    }
    Scale {
        Under50 = "50 人以下", "under 50 people";
        From50To100 = "50–100 人", "50–100 people";
        From100To500 = "100–500 人", "100–500 people";
        Over500 = "500 人以上", "over 500 people";
    }
    PartyRole {
        A = "甲方", "party A";
        B = "乙方", "party B";
        Other = "其他方", "another party";
    }
    ReportResult {
        Solved = "已解决", "solved";
        PartlySolved = "部分解决", "partly solved";
        Persuaded = "已劝导", "talked round";
        MediatedAgreed = "调解成功", "mediated, agreed";
        MediatedFailed = "调解未成", "mediated, not agreed";
        NotFound = "未找到", "not found";
        FalseReport = "情况不属实", "not as reported";
        Duplicate = "重复", "duplicate";
        Transferred = "已移交", "handed on";
        NeedsDepartment = "需要部门处理", "needs a department";
        RefusedEntry = "未能进入", "no entry";
        EmergencyHandled = "应急处置完毕", "emergency handled";
        NoViolation = "未见违规", "no violation found";
    }
    Measure {
        Cleaned = "清理", "cleaned up";
        Removed = "移除", "removed";
        Warned = "提醒警示", "warned";
        Persuaded = "劝导", "talked to people";
        Mediated = "调解", "mediated";
        Evacuated = "疏散转移", "evacuated";
        Rescued = "救助", "rescued";
        FirstAid = "急救", "first aid";
        NotifiedOwner = "通知业主", "told the owner";
        NotifiedPropertyMgmt = "通知物业", "told the property management";
        NotifiedDepartment = "通知部门", "told a department";
        SealedOrCordoned = "封闭或警戒", "sealed or cordoned off";
        Publicity = "宣传", "publicity";
        RecordedOnly = "仅记录", "recorded only";
    }
    PartyTold {
        Yes = "已告知", "told";
        No = "未告知", "not told";
        Unreachable = "联系不上", "could not be reached";
    }
    AgreementForm {
        Oral = "口头", "oral";
        Written = "书面", "written";
    }
    PatrolType {
        DockDuty = "码头执勤", "dock duty";
        ScenicArea = "景区巡逻", "scenic area";
        Coastline = "海岸线巡逻", "coastline";
        Sea = "海上巡逻", "at sea";
        Street = "街面巡逻", "street";
        NightMarket = "夜市巡逻", "night market";
        RailStation = "车站巡逻", "railway station";
        VillageVisit = "入村走访", "village visit";
        PlotSurvey = "地块踏查", "plot survey";
        Holiday = "节假日巡逻", "holiday";
        TyphoonCheck = "防台检查", "typhoon check";
        IceCheck = "冰情检查", "ice check";
    }
    Transport {
        Foot = "步行", "on foot";
        Bike = "骑行", "by bike";
        Car = "乘车", "by car";
        Boat = "乘船", "by boat";
        DroneAssist = "无人机辅助", "with a drone";
    }
    Proof {
        Gps = "定位", "position";
        Qr = "扫码", "QR code";
        Nfc = "碰卡", "NFC tag";
        None = "没有凭证", "none";
    }
    UnlocatedReason {
        Indoor = "在室内", "indoors";
        Basement = "在地下", "in a basement";
        NoSky = "看不到天空", "no open sky";
    }
    ObservationKind {
        Normal = "无异常", "all normal";
        Hazard = "隐患", "hazard";
        Dispute = "纠纷", "dispute";
        Order = "秩序", "public order";
        Ecology = "生态", "ecology";
        Crowd = "人流", "crowd";
        Vessel = "船只", "vessel";
        Facility = "设施", "facility";
        Visit = "走访", "visit";
        Publicity = "宣传", "publicity";
        Other = "其他", "other";
    }
    CountKind {
        IslandEntryCheck = "上岛检查", "island entry checks";
        DissuadeIllegalSailing = "劝阻违规出海", "illegal sailings talked out of";
        MudflatDisputeResolved = "化解滩涂纠纷", "mudflat disputes resolved";
        EcologyStopped = "制止破坏生态", "harm to nature stopped";
        Rescued = "救助", "rescued";
        VesselMoved = "转移船只", "vessels moved to safety";
        PropertySaved = "挽回损失", "property saved";
        DisputeMediated = "调解纠纷", "disputes mediated";
        HouseholdVisit = "入户走访", "households visited";
        TestOrganised = "组织检测", "tests organised";
        GoodsMoved = "运送物资", "goods moved";
        CallsReceived = "接警", "calls received";
        OfficersOut = "出动人员", "officers out";
        OrderCase = "治安案件", "public order cases";
        OffenderDealt = "查处人员", "offenders dealt with";
        Publicity = "宣传", "people reached by publicity";
    }
    Milestone {
        Received = "接到求助", "call received";
        PartnerInformed = "已通知协作方", "partner informed";
        Departed = "已出发", "departed";
        OnScene = "已到场", "on scene";
        ContactMade = "已接触到人", "contact made";
        Safe = "人已安全", "safe";
        HandedOver = "已移交", "handed over";
    }
    AttachmentRole {
        Before = "处置前", "before";
        During = "现场", "on the scene";
        After = "处置后", "after";
        Agreement = "协议", "agreement";
        Notice = "告知书", "notice";
        Voice = "语音", "voice note";
        Other = "其他", "other";
    }
    ReviewFailReason {
        NotSolved = "问题还在", "not solved yet";
        UnclearPhoto = "照片看不清", "photo not clear";
        WrongPlace = "地点对不上", "place does not match";
        MissingItem = "还缺内容", "something is missing";
        NotTold = "还没告知当事人", "person concerned not told yet";
    }
    Role {
        GridWorker = "网格员", "grid worker";
        GridLeader = "网格长", "grid leader";
        Liaison = "联络员", "liaison";
        CommunityOfficer = "社区民警", "community officer";
        BorderOfficer = "边境民警", "border officer";
        PostLeader = "岗位组长", "post leader";
        StationLeader = "所长", "station leader";
        DutyOfficer = "值班人员", "duty officer";
    }
    TaskStatus {
        Assigned = "待签收", "to accept";
        Accepted = "已签收", "accepted";
        OnSite = "处置中", "on scene";
        Submitted = "待复查", "to be checked";
        Rework = "退回重办", "back for rework";
        Suspended = "挂账", "suspended";
        Escalated = "已上报", "passed up";
        Returned = "已退单", "handed back";
        Recalled = "已收回", "recalled";
        Voided = "已作废", "void";
        Closed = "已办结", "closed";
    }
    TaskEvent {
        Dispatch = "派单", "dispatch";
        Deliver = "送达", "deliver";
        Accept = "签收", "accept";
        Arrive = "到场", "arrive";
        Submit = "反馈", "report";
        Amend = "补充反馈", "amend the report";
        ReviewPass = "复查通过", "check passed";
        ReviewFail = "退回重办", "back for rework";
        Recall = "收回", "recall";
        Void = "作废", "void";
        LateReport = "补报", "report all the same";
        Restore = "恢复", "restore";
        RequestExtension = "申请延期", "ask for more time";
        GrantExtension = "同意延期", "give more time";
        RefuseExtension = "不同意延期", "refuse more time";
        LateExtension = "过期后申请延期", "ask for more time too late";
        WithdrawOverdue = "撤销超期", "withdraw overdue";
    }
    ExtensionState {
        Pending = "延期申请中", "more time asked for";
        Granted = "延期已同意", "more time given";
        Refused = "延期未同意", "more time refused";
        Late = "申请延期时已过期限，申请已留存", "more time was asked for after the due time; the request is kept";
        Superseded = "延期申请已被后来的申请或期限代替", "a later request or due time took the place of this request";
    }
    LaneKind {
        Task = "任务", "task";
        Case = "事项", "matter";
        Urgent = "紧急求助", "urgent call";
        Patrol = "巡逻", "patrol";
        Track = "轨迹", "track";
        Count = "计数", "counts";
    }
    ChangeKind {
        TaskAccepted = "签收任务", "task accepted";
        TaskArrived = "到场", "arrived";
        ReportSubmitted = "处置反馈", "report";
        ExtensionRequested = "申请延期", "more time asked for";
        PatrolStarted = "开始巡逻", "patrol started";
        CheckpointVisited = "点位到访", "checkpoint visited";
        Observed = "巡逻所见", "seen on patrol";
        PatrolPaused = "暂停巡逻", "patrol paused";
        PatrolResumed = "继续巡逻", "patrol resumed";
        PatrolEnded = "结束巡逻", "patrol ended";
        TrackSegment = "轨迹", "track";
        Counted = "计数", "count";
        CaseReported = "上报事项", "matter reported";
        UrgentStarted = "紧急求助", "urgent call";
        UrgentMilestone = "救援进展", "rescue step";
    }
    ClockQuality {
        Anchored = "已和平台对时", "checked against the platform";
        Inherited = "按手机时间", "by the phone's clock";
        Suspect = "时间待确认", "time to be confirmed";
        Server = "平台时间", "platform time";
    }
    RowKind {
        Task = "任务", "task";
        Post = "岗位", "post";
    }
}

/// The unit a person reads beside a number of counts; empty for a kind this build does not know.
pub fn unit(kind: CountKind, number: i64, lang: Lang) -> &'static str {
    let one = number.unsigned_abs() == 1;
    let (zh, singular, plural) = match kind.unit() {
        "人次" => ("人次", "person-time", "person-times"),
        "艘次" => ("艘次", "vessel-time", "vessel-times"),
        "元" => ("元", "yuan", "yuan"),
        "户" => ("户", "household", "households"),
        "kg" => ("公斤", "kg", "kg"),
        "人" => ("人", "person", "people"),
        "名" => ("名", "person", "persons"),
        "起" => ("起", "incident", "incidents"),
        _ => ("", "", ""),
    };
    lang.pick(zh, if one { singular } else { plural })
}
