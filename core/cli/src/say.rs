//! What only the terminal says: column heads, hints with commands, sentences about files and the command line.

grid_screens::catalogue! {
    /// A key of the terminal's own texts.
    pub(crate) enum Say {
        // One line after each record.
        Saved = "已存本机 · 第 {0} 条 · {1}", "Saved on this phone · record {0} · {1}";
        OneCopyOnly = "只有一份，请尽快同步", "one copy only: sync soon";
        Changed = "变化：{0}", "changed: {0}";
        TodaySoFar = "今天合计：{0}", "Today so far: {0}";
        Record = "记录：", "Record: ";
        Next = "接着：", "Next: ";
        Try = "可用：", "Try: ";

        // Column heads.
        No = "编号", "no";
        Id = "标识", "id";
        Title = "标题", "title";
        State = "状态", "status";
        Due = "期限", "due";
        Place = "地点", "place";
        Own = "本机记录", "own records";
        Kind = "类型", "kind";
        Level = "级别", "level";
        Grid = "网格", "grid";
        Description = "描述", "description";
        Reason = "原因", "reason";
        Note = "说明", "note";
        Extension = "延期", "more time";
        NextStep = "下一步", "next";
        Dispatched = "派单时间", "dispatched";
        Time = "时间", "time";
        Content = "内容", "what";
        Code = "代码", "code";
        Name = "名称", "name";
        Checkpoints = "点位", "checkpoints";
        Post = "岗位", "post";
        Started = "开始", "started";
        Lasted = "历时", "lasted";
        Fixes = "轨迹点", "fixes";
        Worker = "工作人员", "worker";
        Org = "单位", "station";
        Phone = "手机", "phone";
        Platform = "平台", "platform";
        Vault = "外勤簿", "field book";
        KeyFile = "钥匙文件", "key file";
        Device = "设备标识", "device";
        Version = "版本", "version";
        LastContact = "上次联系", "last contact";
        TodayCounts = "今日计数", "counted today";
        OpenPatrol = "巡逻", "patrol";
        Photos = "照片", "photos";
        Reports = "反馈", "reports";

        // Whole sentences.
        RecordNo = "第 {0} 条：{1}", "Record {0}: {1}";
        Enrolled = "已登记", "Enrolled";
        EnrolledKept = "已有的 {0} 条记录都在，下次同步时上报", "Already recorded here: {0}; they go with the next sync";
        NoTasks = "没有要办的任务", "No open tasks";
        NoTasksAtAll = "本机没有任务", "No tasks on this phone";
        InAll = "共 {0} 项", "{0} in all";
        NoPosts = "还没有岗位表，同步后就有", "No posts yet; a sync brings them";
        NoPatrolNow = "现在没有巡逻", "No patrol is under way";
        NoPatrols = "还没有巡逻记录", "No patrols yet";
        NoCases = "还没有上报过事项", "No matters reported yet";
        NoRecords = "还没有记录", "No records yet";
        NoParked = "没有被退回的记录", "No records were sent back";
        MoreRecords = "更早的：grid records --before {0}", "Earlier ones: grid records --before {0}";
        NothingFound = "没有找到“{0}”", "Nothing found for “{0}”";
        WillRetry = "第 {0} 条会在下次同步时再报一次", "Record {0} goes again with the next sync";
        InPlaceOf = "代替被退回的第 {0} 条", "in place of record {0}, which was sent back";
        Exported = "第 {0} 条已写入 {1}：已加密，只有平台能打开，可以交给值班台；记录仍在本机",
            "Record {0} is in {1}: sealed, only the platform opens it; hand it to the duty desk. The record stays on this phone";
        PhotoWillRetry = "这张照片会在下次同步时再传", "The photo goes again with the next sync";
        AnotherOpen = "另有一次巡逻还没结束：{0}，可用 grid patrol end --patrol {1} 结束",
            "Another patrol is not ended: {0}; end it with grid patrol end --patrol {1}";
        FixKept = "轨迹点已存本机，共 {0} 个", "The fix is saved on this phone, {0} in all";
        FixesCount = "{0} 个", "{0}";
        RescueStep = "到一步报一步：grid urgent step on_scene", "Step by step: grid urgent step on_scene";
        RescueReport = "结束后写反馈：grid urgent report --result emergency_handled --text …",
            "Afterwards: grid urgent report --result emergency_handled --text …";
        RescueStands = "紧急求助已存本机，只是没有带位置", "The urgent call is saved on this phone, only without the position";
        SinceStart = "接警后 {0} 分 {1} 秒", "{0} min {1} s after the start";
        LookedAtACopy = "外勤簿正由另一个程序使用，检查的是它的一份副本，照片没有检查", "Another program has the field book open: this is about a copy of it, and photos were not looked at";
        AllGood = "都正常", "All is well";
        SomeNeedALook = "有 {0} 项需要看一下", "Things that need a look: {0}";
        LookAtIt = "按上面的说明处理；拿不准就把这一页给支持人员看",
            "Do as said above; if in doubt, show this page to the support desk";
        RecordsStand = "记录都在，这里只检查，不改动", "Every record is still here; a check changes nothing";
        Syncing = "记录 {0}/{1} · 照片 {2}/{3}", "records {0}/{1} · photos {2}/{3}";
        KeyThere = "钥匙文件 {0} 在", "the key file {0} is there";
        KeyMissing = "钥匙文件 {0} 不在", "the key file {0} is missing";

        // Hints with commands.
        HintEnroll = "grid enroll <登记单>", "grid enroll <ticket>";
        HintTasks = "grid tasks --all", "grid tasks --all";
        HintPatrol = "grid patrol start <类型> --post <岗位>", "grid patrol start <type> --post <code>";
        HintPatrols = "grid patrol list", "grid patrol list";
        HintCases = "grid case list", "grid case list";
        HintUrgent = "grid urgent start --place <地点>", "grid urgent start --place <place>";
        HintParked = "grid records --parked", "grid records --parked";
        HintRetry = "grid retry {0}", "grid retry {0}";
        HintSync = "grid sync", "grid sync";
        HintWhy = "grid status --why", "grid status --why";
        HintHelp = "grid {0}--help", "grid {0}--help";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_there_in_both_languages() {
        for say in Say::ALL {
            let text = say.text();
            let chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
            assert!(!chinese(text.en) && !text.en.is_empty(), "{say:?}: {}", text.en);
            // A bare command is the same in both languages.
            assert!(
                chinese(text.zh) || text.zh.starts_with("grid "),
                "{say:?}: {}",
                text.zh
            );
            for place in ["{0}", "{1}", "{2}", "{3}"] {
                assert_eq!(text.zh.contains(place), text.en.contains(place), "{say:?}");
            }
        }
    }
}
