//! The catalogue of advice: each key with its code and its three parts.

use crate::Text;

/// Nothing of this record was kept; what was kept before is.
pub(super) const NOT_SAVED: Text = Text::of(
    "这一条还没有存；之前存的都在",
    "This one is not saved yet; everything saved before is still here",
);
/// Nothing was added; what was kept before is.
pub(super) const NOTHING_ADDED: Text = Text::of(
    "没有新增记录；之前存的都在",
    "Nothing was recorded; everything saved before is still here",
);
/// Records are untouched but cannot be opened now.
const ALL_HERE: Text = Text::of("记录都在，一条也没有动", "Every record is still here, untouched");
/// The vault stays as it was.
pub(super) const NOT_ENROLLED: Text = Text::of(
    "还没有登记；本机的记录都在，照常可以记",
    "Not enrolled yet; the records on this phone are kept, and you can go on recording",
);
/// What a sync without a receipt leaves behind.
pub(super) const KEPT_HERE: Text = Text::of(
    "记录都在本机，没有回执的仍是“已存本机”",
    "Every record is on this phone; what has no receipt stays “saved on this phone”",
);

const CHECK_STATE: Text = Text::of(
    "看一下它现在的状态，再决定下一步",
    "Look at where it stands now, then decide",
);

/// Declares the keys: `Key "code": (happened), MEANING, (next)`.
macro_rules! keys {
    ($( $Key:ident $code:literal: ($zh:literal, $en:literal), $meaning:expr, $next:expr; )*) => {
        /// A key of the catalogue of advice.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum AdviceKey { $( #[doc = $en] $Key, )* }

        impl AdviceKey {
            /// Every key.
            pub const ALL: &[Self] = &[ $( Self::$Key ),* ];

            /// The stable name.
            pub const fn code(self) -> &'static str {
                match self { $( Self::$Key => $code, )* }
            }

            /// What happened, what it means for the record, what to do.
            pub const fn texts(self) -> [Text; 3] {
                match self { $( Self::$Key => [Text::of($zh, $en), $meaning, $next], )* }
            }
        }
    };
}

const fn t(zh: &'static str, en: &'static str) -> Text {
    Text::of(zh, en)
}

keys! {
    // Input of a field.
    Empty "empty": ("“{0}”还没有填", "“{0}” is empty"), NOT_SAVED,
        t("填上再存一次", "Fill it in and save again");
    TooLong "too_long": ("“{0}”太长，最多 {1} 个字", "“{0}” is longer than {1} characters"), NOT_SAVED,
        t("缩短后再存一次；多的可以另写一条", "Shorten it and save again; the rest can be a record of its own");
    TooShort "too_short": ("“{0}”太短，至少 {1} 个字", "“{0}” is shorter than {1} characters"), NOT_SAVED,
        t("多写几个字，或者附一段语音", "Write a few words more, or add a voice note");
    TooMany "too_many": ("“{0}”太多，最多 {1} 个", "“{0}”: at most {1}"), NOT_SAVED,
        t("留下最有用的，其余另写一条", "Keep the most useful ones; the rest can be a record of their own");
    FileTooLarge "file_too_large": ("这个文件太大，最大 {1}", "The file is larger than {1}"), NOT_SAVED,
        t("换一个小一点的文件", "Use a smaller file");
    RecordTooLarge "record_too_large": ("这一条内容太多，最大 {1}", "The record is larger than {1}"), NOT_SAVED,
        t("分成几条来记", "Split it into several records");
    OutOfRange "out_of_range": ("“{0}”不在可用的范围内", "“{0}” is out of range"), NOT_SAVED,
        t("核对数值，再存一次", "Check the number and save again");
    DueNotLater "due_not_later":
        ("“{0}”要晚于现在的期限，也不能远到十年以后", "The “{0}” must be later than it is due now, and within ten years"), NOT_SAVED,
        t("换一个期限，再申请一次", "Choose another time and ask again");
    PastDue "past_due": ("这项任务已过期限，不能再申请延期", "The task is past its due time; more time can no longer be asked for"),
        NOTHING_ADDED, t("办好后照常反馈；有困难请联系值班室", "Report as usual when it is done; tell the duty desk if there is a difficulty");
    CountOutOfRange "count_out_of_range":
        ("数量不能是 0，也不能超过 1 亿", "The number cannot be 0 or beyond 100 million"), NOT_SAVED,
        t("核对数量；更正用负数并写原因", "Check the number; a correction is a negative number with a reason");
    NeedsReason "needs_reason": ("更正要写“{0}”", "A correction needs its “{0}”"), NOT_SAVED,
        t("写明为什么更正，再存一次", "Say why, and save again");
    NotATerm "not_a_term": ("“{0}”不在可选项里", "“{0}” is not one of the choices"), NOT_SAVED,
        t("从可选项里选一个", "Choose one of the given terms");
    WrongState "wrong_state": ("“{0}”现在不能做这一步", "This step is not possible for the “{0}” now"), NOTHING_ADDED,
        CHECK_STATE;
    TaskNotNow "task_not_now": ("这项任务现在是“{0}”，不能做这一步", "The task is “{0}” now; this step is not possible"),
        NOTHING_ADDED, t("如有新情况，联系值班室", "If something has changed, tell the duty desk");
    PatrolNotNow "patrol_not_now": ("这次巡逻现在不能做这一步", "This step is not possible in the patrol now"),
        NOTHING_ADDED, t("看它是在巡逻、暂停还是已结束，再决定", "See whether it is under way, paused or ended, then decide");
    CaseNotUrgent "case_not_urgent": ("这件事不是紧急求助，没有救援步骤", "The matter is not an urgent call and has no rescue steps"),
        NOTHING_ADDED, t("选紧急求助的那一件，或直接写反馈", "Choose the urgent call, or write a report");
    PhotoNotNow "photo_not_now": ("这张照片不用重传", "This photo need not go again"), NOTHING_ADDED,
        t("不用做什么", "There is nothing to do");

    // Things that are not there.
    NoTask "no_task": ("本机没有这项任务", "There is no such task on this phone"), NOTHING_ADDED,
        t("核对编号；刚派的任务，先同步一次", "Check the number; for a task just dispatched, sync first");
    NoPatrol "no_patrol": ("本机没有这次巡逻", "There is no such patrol on this phone"), NOTHING_ADDED,
        t("先开始巡逻，或核对编号", "Start a patrol first, or check the number");
    NoCase "no_case": ("本机没有这件事项", "There is no such matter on this phone"), NOTHING_ADDED,
        t("核对编号；没有上报的先上报", "Check the number; report it first if it is new");
    NoAttachment "no_attachment": ("本机没有这张照片", "There is no such photo on this phone"), NOTHING_ADDED,
        t("核对编号", "Check its number");
    NoParkedRecord "no_parked_record": ("这一条没有被退回", "This record was not sent back"), NOTHING_ADDED,
        t("不用重试；看看是哪一条被退回了", "It needs no retry; see which record was sent back");
    NotEnrolledYet "not_enrolled": ("本机还没有登记", "This phone is not enrolled yet"),
        t("记录都在本机，登记后就能上报", "Every record is on this phone and can go once it is enrolled"),
        t("向值班室要一张登记单，登记后再同步", "Ask the duty desk for an enrolment ticket, then sync");
    NotThere "not_found": ("本机没有这一项：{0}", "There is no such thing on this phone: {0}"), NOTHING_ADDED,
        t("核对编号，再试一次", "Check the number and try again");

    // The vault.
    Closed "closed": ("外勤簿已经关上", "The field book is closed"), NOTHING_ADDED,
        t("重新打开，再做一次", "Open it and do it again");
    AlreadyOpen "already_open": ("外勤簿正被另一个程序使用", "Another program has this field book open"), NOTHING_ADDED,
        t("等它结束，或关掉它，再做一次", "Wait until it is done, or close it, and do it again");
    Locked "locked": ("现在取不到钥匙", "The key cannot be had now"), ALL_HERE,
        t("解锁后再打开", "Unlock, then open again");
    InsideCallback "inside_callback": ("应用在回调里又要记录", "The app wanted to record from inside a callback"), NOTHING_ADDED,
        t("应用要等回调返回再记录；请告诉支持人员", "The app has to wait until the callback has returned; tell the support desk");
    StorageFull "storage_full": ("存储空间不够", "There is no space left"),
        t("这一条没有存上；之前存的都在", "This one is not saved; everything saved before is still here"),
        t("腾出一点空间，再存一次；不要删外勤簿的文件", "Free some space and save again; leave the field book's files alone");
    TooNew "database_too_new": ("外勤簿由更新的版本写过", "A newer version has written to this field book"), ALL_HERE,
        t("更新应用后再打开", "Update the app, then open again");
    Damaged "damaged": ("外勤簿打不开：钥匙不对，或文件受损", "The field book does not open: another key, or damaged files"),
        t("文件原样保留，不重置，也不覆盖；没上报的记录另有一份", "The files are kept as they are, never reset, never overwritten; what is unsent is kept twice"),
        t("钥匙没换过就修复外勤簿（应用里按“修复”，终端里用 grid recover）；不要删除文件", "If the key is still the same, recover the field book (Recover in the app, grid recover in the terminal); delete nothing");
    Internal "internal": ("程序出了问题：{0}", "Something in the program went wrong: {0}"),
        t("这一步可能没有做完；之前存的都在", "This step may not be done; everything saved before is still here"),
        t("看看记录里有没有这一条，没有就再存一次，并告诉支持人员", "See whether it is among the records, save it again if not, and tell the support desk");

    // Enrolment.
    AlreadyEnrolled "already_enrolled": ("这本外勤簿已经登记过", "This field book is enrolled already"),
        t("登记没有变，记录都在", "The enrolment stands, every record is still here"),
        t("直接同步就行；换人用，请另开一本", "Just sync; for another person, open a field book of his own");
    NotATicket "not_a_ticket": ("这段文字不是登记单", "This text is not an enrolment ticket"), NOT_ENROLLED,
        t("整段复制登记单，它以 grid: 开头", "Copy the whole ticket; it begins with grid:");
    NotAnAddress "not_an_address": ("平台地址写得不完整", "The platform's address is not complete"), NOT_ENROLLED,
        t("核对地址，像这样：https://平台名:8443", "Check it; it looks like https://platform.example:8443");
    PlainOffLoopback "plain_off_loopback": ("这个地址没有加密，不能用", "This address is not encrypted and cannot be used"),
        NOT_ENROLLED, t("改用 https 地址；http 只能连本机", "Use an https address; http is for this machine only");
    NoAuthority "no_authority": ("登记单里没有平台指纹", "The ticket does not name the platform's fingerprint"),
        NOT_ENROLLED, t("要一张完整的登记单，或补上平台指纹", "Ask for the whole ticket, or add the fingerprint");

    // The other side.
    NotOurPlatform "not_our_platform":
        ("回答的不是本平台，可能是上网登录页", "The answer is not from the platform; it may be a network's log-in page"),
        KEPT_HERE, t("先登录网络或换个网络，再试一次", "Log in to the network or use another one, then try again");
    NewerPlatform "newer_platform": ("平台已经更新，本应用旧了一点", "The platform is newer than this app"), KEPT_HERE,
        t("更新应用后再试", "Update the app, then try again");
    BadReceipt "bad_receipt": ("回执没有通过核对", "The receipt did not pass the check"),
        t("这次的回执不算数，记录仍是“已存本机”", "Nothing of it was believed; the records stay “saved on this phone”"),
        t("换个网络再试；还是这样就告诉管理员", "Try another network; if it stays so, tell the administrator");

    // Why something has not gone.
    NotTried "not_tried": ("还没有同步过", "No sync was tried for it yet"), KEPT_HERE,
        t("有网络时同步一次", "Sync once where there is a network");
    ClockOff "clock_off": ("本机时间是 {0}，不对，所以核对不了平台的证书",
        "This phone's clock says {0}, which is not right, so the platform's certificate cannot be checked"), KEPT_HERE,
        t("把本机的日期和时间调准，再同步一次", "Set this phone's date and time, then sync again");
    BudgetTooSmall "budget_too_small": ("给的流量或时间不够传下一条", "The traffic or time given is less than the next record needs"),
        KEPT_HERE, t("多给一些流量或时间，或连上不限流量的网络", "Allow more traffic or time, or use a link without a limit");
    WaitsForWifi "waits_for_wifi": ("照片在等不限流量的网络", "The photo waits for a link without a limit"), KEPT_HERE,
        t("连上无线网后同步一次", "Sync once over Wi-Fi");
    BehindRecords "behind_records": ("照片排在文字记录后面", "The photo goes after the records"), KEPT_HERE,
        t("文字记录传完后它会自己接着传", "It goes by itself once the records have gone");

    // How a sync ended.
    Complete "complete": ("传完了", "All done"),
        t("没有等待的记录", "No record is waiting"), t("不用做什么", "There is nothing to do");
    CompletePhotosWait "complete_photos_wait": ("文字传完了，照片还有 {0} 张", "The text is done; photos waiting: {0}"),
        t("记录都有回执，照片还在本机", "Every record has its receipt; the photos are on this phone"),
        t("连上不限流量的网络再同步一次", "Sync again on a link that may carry photos");
    CompleteSentBack "complete_sent_back": ("传完了，有 {0} 条被退回", "Done; sent back: {0}"),
        t("被退回的在本机和平台都有留底", "What was sent back is kept here and on the platform"),
        t("看一下退回的原因，再重试或联系值班室", "See the reason, then retry or ask the duty desk");
    BudgetSpent "budget_spent": ("这次给的流量或时间用完了", "The traffic or time given to this sync is used up"), KEPT_HERE,
        t("方便时再同步一次，会接着传", "Sync again when it suits; it goes on where it stopped");
    Cancelled "cancelled": ("已按要求停下", "Stopped as asked"), KEPT_HERE,
        t("想传的时候再同步", "Sync when you like");
    TryLater "try_later": ("平台正忙", "The platform is busy"), KEPT_HERE,
        t("过一会儿再同步", "Sync again a little later");
}
