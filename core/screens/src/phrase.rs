//! The catalogue: every fixed sentence of a screen under a typed key. Advice has its own catalogue in `advice`.

use crate::catalogue;

catalogue! {
    /// A key of the catalogue.
    pub enum Phrase {
        // States of a record.
        SavedHere = "已存本机", "saved on this phone";
        Received = "平台已收", "received";
        BackedUp = "已入账", "backed up by the platform";
        SentBack = "被退回（{0}）", "sent back ({0})";

        // The one line.
        NothingYet = "还没有记录", "no records yet";
        AllSaved = "全部已存本机", "all saved on this phone";
        AllReceived = "全部平台已收 · 共 {0} 条", "all received by the platform · {0} in all";
        ToSend = "待传 {0}", "{0} to send";
        Oldest = "最早 {0}", "oldest {0}";
        SentBackCount = "被退回 {0}", "{0} sent back";
        PhotosToSend = "照片待传 {0}", "photos to send {0}";
        PhotosNotTaken = "照片未收 {0}", "photos not taken {0}";
        NotEnrolledYet = "尚未登记", "not enrolled yet";

        // Times.
        JustNow = "刚刚", "just now";
        Ago = "{0}前", "{0} ago";
        Left = "还剩 {0}", "{0} left";
        Over = "已超过 {0}", "{0} past due";
        AlmostOver = "还剩不到 1 分钟", "less than a minute left";
        JustOver = "刚到期限", "just past due";
        ClockStopped = "不再计时", "clock stopped";
        LessThanAMinute = "不到 1 分钟", "less than a minute";
        Today = "今天 {0}", "today {0}";
        Yesterday = "昨天 {0}", "yesterday {0}";
        Tomorrow = "明天 {0}", "tomorrow {0}";

        // Lights, patrols, photos.
        LightGreen = "时间充裕", "in good time";
        LightYellow = "快到期限", "due soon";
        LightRed = "已过期限", "past due";
        PatrolRunning = "巡逻中", "under way";
        PatrolPaused = "已暂停", "paused";
        PatrolOver = "已结束", "ended";
        PhotoFailed = "平台未收（{0}）", "not taken ({0})";
        LateReportKept = "收回后补报的反馈已留存，等值班室确认", "your report after the recall is kept; the duty desk decides";
        ReportKeptBeside = "已有别的反馈或结论在先，这份反馈作为补充留存", "another report or a decision came first; yours is kept beside it";
        ExtensionWaits = "申请延到 {0}，等答复", "asked for until {0}, waiting for the answer";
        PastOldDue = "原期限已过，等延期答复", "past the old due time, waiting for the answer";
        NextSteps = "可以：{0}", "you can: {0}";
        WaitForCheck = "等待复查，复查前还可以补充反馈", "waiting for the check; until then the report can be amended";
        NothingToDo = "没有要做的", "nothing to do";

        // What a sync did.
        SyncReceived = "平台已收 {0} 条", "{0} received";
        SyncSentBack = "被退回 {0} 条", "{0} sent back";
        SyncPhotos = "照片 {0} 张", "photos {0}";
        SyncPulled = "取回 {0} 项", "{0} fetched";
        SyncOfferedAgain = "平台恢复过备份，{0} 条记录重新上报", "the platform was restored from a backup, {0} records are offered again";
        SyncBranched = "平台上有这部手机更新的记录（可能恢复过旧副本），之后的记录另起一段，两边都保留", "the platform has newer records of this phone (an older copy was put back), what follows begins a branch of its own, both are kept";
        SyncRepaired = "本机的任务和岗位与平台对不上，已全部重新取回", "tasks and posts here were not as they should be: all were fetched again";
        SyncNothing = "没有新的内容", "nothing new";
        SyncTraffic = "上行 {0}，下行 {1}", "{0} up, {1} down";
        PlanGoes = "这次约用 {0}，将上报记录 {1} 条、照片 {2} 张", "about {0} this time: {1} records and {2} photos go";
        PlanStays = "留待下次：记录 {0} 条、照片 {1} 张", "{0} records and {1} photos stay for another time";

        // What a sync changed.
        TaskChanged = "任务 {0}：{1}", "task {0}: {1}";
        NewTask = "新任务，期限 {0}", "new, due {0}";
        TaskMoved = "由{0}变为{1}", "from {0} to {1}";
        WithReason = "{0}，原因：{1}", "{0}, because: {1}";
        DueMoved = "期限改为 {0}", "due moved to {0}";
        TaskReworded = "标题、描述或地点有改动", "title, description or place changed";
        TaskGone = "已不在你名下；本机的记录都还在", "no longer yours; your records stay";
        RecordSentBack = "第 {0} 条被退回：{1}", "record {0} was sent back: {1}";
        MoreChanges = "另有 {0} 项变化", "{0} more changes";
        TryAgainIn = "约 {0}后再试", "try again in about {0}";

        // Why something waits.
        WhyNotEnrolled = "本机还没有登记，记录先存在这里，登记后就能上报。",
            "This phone is not enrolled yet. Records are kept here and can go once it is.";
        WhyNeverMet = "登记后还没有和平台联系过，{0} 条记录等下一次同步。",
            "There has been no contact since the enrolment; waiting for the next sync: {0}.";
        WhyWaiting = "上次联系是 {0}，有 {1} 条记录等下一次同步。",
            "The last contact was {0}; waiting for the next sync: {1}.";
        WhySentBack = "第 {0} 条（{1}）：{2}。{3}。", "Record {0} ({1}): {2}. {3}.";
        WhyPhotos = "{0} 张照片在文字之后传；文字先到，照片不影响记录。",
            "Photos that go after the text: {0}. The text waits for no photo.";
        WhyPhotosFailed = "{0} 张照片平台没有收；记录不受影响，照片还在本机。",
            "Photos the platform did not take: {0}. The records stand, the photos are still here.";
        WhyOpenPatrol = "有一次巡逻没有结束；它最近的轨迹在暂停或结束时才会上报。",
            "A patrol is not ended; the newest part of its track goes when it is paused or ended.";
        WhyPhoto = "照片 {0}（{1}）", "photo {0} ({1})";
        WhyUntil = "{0} 前先不重试", "it rests until {0}";
        WhyNothing = "没有等待的内容。", "Nothing is waiting.";

        // The self-check.
        CheckDatabase = "数据库", "database";
        CheckDatabaseGood = "每一页都完好", "every page is sound";
        CheckDatabaseBad = "有读不出的地方；请不要删除文件，联系支持人员", "some of it cannot be read; delete nothing and ask the support desk";
        CheckChain = "记录链", "record chain";
        CheckChainGood = "连续、没有改动", "unbroken and unaltered";
        CheckChainBad = "对不上；请不要删除文件，联系支持人员", "it does not add up; delete nothing and ask the support desk";
        CheckLifeboat = "第二份", "second copy";
        CheckLifeboatGood = "没上报的都另有一份", "everything unsent is kept twice";
        CheckLifeboatBad = "第二份不全；数据库里的还在，请尽快同步，并运行 grid recover", "the second copy is not whole; the database still has it all: sync soon, and run grid recover";
        CheckKey = "钥匙", "key";
        CheckKeyGood = "钥匙文件在", "the key file is there";
        CheckKeyBad = "钥匙文件不见了：不要退出登录，不要删除应用，先同步，再联系支持人员", "the key file is gone: do not log out, do not remove the application, sync first, then call support";
        CheckSpace = "空间", "space";
        CheckSpaceGood = "够用，留有余地", "enough, with some kept back";
        CheckSpaceBad = "手机快满了；文字还能记，请腾出空间再拍照", "the phone is nearly full; text still saves, free some space before taking photos";
        RecoveredWhole = "外勤簿本来就是完整的", "The field book was whole";
        RecoveredBoat = "第二份有 {0} 处受损，已经重写", "The second copy was damaged in {0} places and was written anew";
        RecoveredPages = "受损的文件：{1} 页里有 {0} 页读不出", "Damaged file: {0} of {1} pages cannot be read";
        RecoveredRecords = "从文件里找回 {0} 条，从第二份里找回 {1} 条", "Brought back from the file: {0}, from the second copy: {1}";
        RecoveredNone = "没有缺失", "Nothing is missing";
        RecoveredMissing = "找不回的：第 {0} 条到第 {1} 条；请回想这几条，重新记一次", "Not to be had: records {0} to {1}; think back and record them again";
        RecoveredUnsent = "等待上报：{0} 条；平台已有的不会重复计算", "Waiting for the next sync: {0}; what the platform has already is counted once";
        RecoveredKept = "受损的文件原样保存在 {0}，不要删除", "The damaged file is kept as it is in {0}; do not delete it";
        CheckPhotos = "照片和附件", "photos and papers";
        CheckPhotosGood = "都能读出", "all readable";
        CheckPhotosBad = "有读不出的；记录不受影响，能重拍的请重拍", "some cannot be read; the records stand, take them again where you can";
        CheckEnrolment = "登记", "enrolment";
        CheckEnrolmentGood = "已登记", "enrolled";
        CheckEnrolmentBad = "尚未登记；记录照常存在本机", "not enrolled yet; records are kept here all the same";
        CheckOutbox = "退回的记录", "records sent back";
        CheckOutboxGood = "没有", "none";
        CheckOutboxBad = "有被退回的，请看原因", "there are some; see why";
        CheckClock = "手机时间", "phone's clock";
        CheckClockGood = "没有发现偏差", "no difference found";
        CheckClockBad = "与平台相差较大；请打开自动校时，已有的记录不受影响",
            "far from the platform's; turn on automatic time, what is recorded stands";
        CheckOther = "其他（{0}）", "other ({0})";
        CheckGood = "正常", "good";
        CheckBad = "需要看一下", "needs a look";
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Text;

    fn places(text: &str) -> Vec<char> {
        let mut found: Vec<char> = text
            .match_indices('{')
            .filter_map(|(at, _)| text[at + 1..].chars().next())
            .collect();
        found.sort_unstable();
        found
    }

    #[test]
    fn every_phrase_is_there_twice_with_the_same_places() {
        for phrase in Phrase::ALL {
            let Text { zh, en } = phrase.text();
            assert!(crate::tests::is_chinese(zh), "{phrase:?}: {zh}");
            assert!(crate::tests::is_english(en), "{phrase:?}: {en}");
            assert_eq!(places(zh), places(en), "{phrase:?}");
        }
    }

    #[test]
    fn nothing_is_called_sent_before_its_receipt() {
        for phrase in Phrase::ALL {
            let Text { zh, en } = phrase.text();
            for word in ["已发送", "已上传", "发送成功", "上传成功"] {
                assert!(!zh.contains(word), "{phrase:?}: {zh}");
            }
            let names_the_state = matches!(phrase, Phrase::BackedUp);
            assert_eq!(zh.contains("已入账"), names_the_state, "{phrase:?}: {zh}");
            let said: Vec<&str> = en.split(|c: char| !c.is_alphabetic()).collect();
            let sent = said.iter().position(|word| *word == "sent");
            assert!(
                sent.is_none_or(|at| said.get(at + 1) == Some(&"back")),
                "{phrase:?}: {en}"
            );
        }
    }
}
