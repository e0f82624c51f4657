//! Chinese names of the lines.

/// The Chinese name of a line.
pub(super) fn name(line: &str) -> String {
    match line.split_once(':') {
        Some(("order", family)) => format!("顺序·{}", family_zh(family)),
        Some(("task", state)) => format!("任务·{}", state_zh(state)),
        Some(("total", kind)) => format!("合计·{}", count_zh(kind)),
        _ => single(line).to_owned(),
    }
}

fn single(line: &str) -> &str {
    match line {
        "task_accepted" => "签收",
        "task_arrived" => "到场",
        "report_submitted" => "处置反馈",
        "patrol_started" => "巡逻开始",
        "checkpoint_visited" => "点位到访",
        "observed" => "巡查记录",
        "patrol_paused" => "巡逻暂停",
        "patrol_resumed" => "巡逻继续",
        "patrol_ended" => "巡逻结束",
        "counted" => "计数",
        "case_reported" => "上报事项",
        "urgent_started" => "救援发起",
        "urgent_milestone" => "救援节点",
        "other_kinds" => "其他种类",
        "fixes" => "轨迹点",
        "photos" => "照片",
        "tasks" => "任务",
        "keys" => "序号唯一",
        "verdicts" => "平台判定",
        "vaults" => "一人一库",
        "links" => "互相关联",
        "track_index" => "轨迹连续",
        other => other,
    }
}

fn family_zh(family: &str) -> &str {
    match family {
        "task" => "任务",
        "case" => "事项",
        "urgent" => "救援",
        "patrol" => "巡逻",
        "count" => "计数",
        "track" => "轨迹",
        other => other,
    }
}

fn state_zh(state: &str) -> &str {
    match state {
        "assigned" => "待签收",
        "accepted" => "已签收",
        "on_site" => "处置中",
        "submitted" => "待复查",
        "recalled" => "已收回",
        "recalled_late" => "已收回·迟到反馈",
        other => other,
    }
}

fn count_zh(kind: &str) -> &str {
    match kind {
        "island_entry_check" => "上岛检查",
        "dissuade_illegal_sailing" => "劝阻违规出海",
        "mudflat_dispute_resolved" => "滩涂纠纷化解",
        "ecology_stopped" => "制止破坏生态",
        "rescued" => "救助",
        "vessel_moved" => "转移船只",
        "property_saved" => "挽回损失",
        "dispute_mediated" => "纠纷调解",
        "household_visit" => "入户走访",
        "test_organised" => "组织检测",
        "goods_moved" => "搬运物资",
        "calls_received" => "接警",
        "officers_out" => "出动警力",
        "order_case" => "治安案件",
        "offender_dealt" => "处理人员",
        "publicity" => "宣传",
        other => other,
    }
}
