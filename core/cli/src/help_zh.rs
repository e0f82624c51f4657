//! The help pages in Chinese, by command and by argument.

/// Below every page of `grid` itself.
pub(crate) const EXIT_CODES: &str =
    "退出码：0 完成，1 没有接受或内容不能用，2 命令写法，3 没有网络，4 存储，5 程序问题";

/// What each command does.
pub(crate) const COMMANDS: &[(&str, &str)] = &[
    ("", "终端里的外勤簿：没有网络也能记，有网络再同步"),
    ("enroll", "用登记单登记这本外勤簿"),
    ("tasks", "按期限列出任务"),
    ("task", "看一项任务"),
    ("accept", "签收任务"),
    ("arrive", "记录已到场"),
    ("submit", "反馈任务"),
    ("extend", "申请延期"),
    ("patrol", "巡逻：开始、记录、结束"),
    ("patrol start", "开始巡逻"),
    ("patrol fix", "记下现在的位置"),
    ("patrol visit", "记录到访点位"),
    ("patrol observe", "记录所见"),
    ("patrol count", "在巡逻中计数"),
    ("patrol pause", "暂停巡逻"),
    ("patrol resume", "继续巡逻"),
    ("patrol end", "结束巡逻"),
    ("patrol list", "列出巡逻，新的在前"),
    ("patrol status", "看这次巡逻"),
    ("count", "计数"),
    ("urgent", "紧急求助：发起、进展、反馈"),
    ("urgent start", "发起紧急求助，从现在起计时"),
    ("urgent step", "记录救援进展"),
    ("urgent report", "救援结束后写反馈"),
    ("case", "自己发现的事项：上报、跟进"),
    ("case report", "上报发现的事项"),
    ("case submit", "反馈自己上报的事项"),
    ("case list", "列出从本机上报的事项，新的在前"),
    ("posts", "列出岗位和点位"),
    ("sync", "上报等待的记录，取回新内容"),
    ("status", "看外勤簿现在的情况"),
    ("records", "列出自己的记录，新的在前"),
    ("retry", "把被退回的记录或照片再报一次"),
    ("amend", "把被退回的记录换个说法再报"),
    ("export", "把一条记录写成加密文件，可以带到值班台"),
    ("search", "按文字找任务和记录"),
    ("doctor", "检查外勤簿；都正常时退出码为 0，否则为 1"),
    ("recover", "修复打不开的外勤簿；受损的文件原样保留"),
    ("completions", "输出命令行补全脚本"),
];

/// What each argument is; a command's own wording stands before the common one.
pub(crate) const ARGUMENTS: &[(&str, &str)] = &[
    (
        "vault",
        "外勤簿文件夹（默认 $GRID_VAULT，否则用户数据目录下的 grid-fieldbook/vault）",
    ),
    (
        "key_file",
        "钥匙文件（默认 $GRID_KEY_FILE，否则与外勤簿文件夹并排的 DIR.key）",
    ),
    ("bundle", "把支持包写到文件：只有平台能打开，不含任何个人内容"),
    ("json", "在标准输出给出一份 JSON，出问题时也一样"),
    ("lang", "文字的语言（默认看 LC_ALL、LC_MESSAGES、LANG）"),
    ("help", "显示说明"),
    ("version", "显示版本"),
    ("ticket", "整段登记单：grid:地址#code=登记码&ca=平台指纹"),
    ("server", "平台地址，代替登记单"),
    ("enroll code", "一次性登记码，和 --server 一起用"),
    ("ca", "平台证书指纹（SHA-256），https 地址需要"),
    ("again", "已登记过的外勤簿再登记一次（同一个人）：平台换了密钥"),
    ("phone_label", "这台手机或电脑的名称，最多 40 个字（默认主机名）"),
    ("all", "也列出已办结、已收回、已作废的"),
    ("task", "编号、标识，或标识开头的几位"),
    ("at", "位置，WGS-84 度：纬度,经度 或 纬度,经度,精度米"),
    ("result", "处置结果"),
    ("submit text", "处置情况，用自己的话"),
    ("urgent report text", "救援情况，用自己的话"),
    ("case submit text", "处置情况，用自己的话"),
    ("case report text", "描述，最多 1000 个字"),
    ("patrol observe text", "看到了什么，用自己的话"),
    ("search text", "要找的文字，两个字就可以"),
    ("measure", "采取的措施，可以多次给出"),
    ("told", "是否告知当事人"),
    ("agreement", "达成协议的形式"),
    ("self_handled", "当场发现、当场处理"),
    (
        "photo",
        "照片、录音或 PDF，写成 文件 或 角色=文件，可以多次给出；角色：before, during, after, agreement, notice, voice, other",
    ),
    ("amend text", "改成这样写，其余不变"),
    ("export out", "写到这个文件；已加密，只有平台能打开"),
    ("export seq", "记录编号"),
    ("retry photo", "平台没有收的照片，写它的 SHA-256"),
    ("patrol_type", "巡逻类型"),
    ("post", "岗位代码"),
    ("patrol count post", "岗位代码（默认这次巡逻的岗位）"),
    ("transport", "行进方式"),
    ("speed", "速度，米每秒"),
    ("checkpoint", "点位代码"),
    ("proof", "凭证（有位置时默认 gps，否则 none）"),
    ("unlocated", "没有位置的原因"),
    ("count kind", "计什么数"),
    ("patrol count kind", "计什么数"),
    ("patrol observe kind", "看到的是什么"),
    (
        "case report kind",
        "事项类型（给出 --dispute-type 时默认 dispute）",
    ),
    ("value", "加多少；更正用负数"),
    ("reason", "更正的原因"),
    ("extend reason", "为什么要延期"),
    (
        "until",
        "希望的期限：日期（当天 24:00）或日期和时间，如 2026-01-20 或 2026-01-20T15:30",
    ),
    ("patrol", "哪一次巡逻：标识开头的几位（默认还没结束的那次）"),
    ("limit", "最多列出几条"),
    ("place", "地点，用文字"),
    ("urgent start title", "什么事，几个字"),
    ("case report title", "标题，最多 40 个字"),
    ("step", "哪一步"),
    ("case", "哪一次紧急求助：标识开头的几位（默认最新的）"),
    ("case submit case", "事项的标识，或开头的几位"),
    ("dispute_type", "纠纷类型"),
    ("involved", "涉及人数"),
    ("scale", "人数规模（默认按 --involved）"),
    (
        "party",
        "当事方，写成 A=称呼、B=称呼 或 other=称呼；只写称呼，不写身份；可以多次给出",
    ),
    ("max_bytes", "最多用多少字节，上下行合计"),
    ("max_seconds", "最多用多少秒"),
    ("metered", "网络按流量计费：照片只传紧急救助的"),
    ("no_photos", "只传文字，照片等网络好再传"),
    ("why", "再说明为什么还在等"),
    ("parked", "只看被退回的，并说明怎么办"),
    ("before", "只看这一条之前的"),
    ("seq", "被退回的记录的编号"),
    ("shell", "哪一种命令行"),
];

/// What a command does; `path` is its words.
pub(crate) fn command(path: &str) -> Option<&'static str> {
    found(COMMANDS, path)
}

/// What an argument is: in the command's own wording, else in the common one. `path` ends with a space.
pub(crate) fn argument(path: &str, id: &str) -> Option<&'static str> {
    found(ARGUMENTS, &format!("{path}{id}")).or_else(|| found(ARGUMENTS, id))
}

fn found(table: &[(&str, &'static str)], key: &str) -> Option<&'static str> {
    table.iter().find(|(name, _)| *name == key).map(|(_, text)| *text)
}
