//! Words for what people typed and see: labels of fields and states, and what the hub says about them.

use grid_model::TaskStatus;

use crate::Sentence;

/// What a field of the API is called on the page.
pub(crate) fn field_label(name: &str) -> Sentence {
    let (zh, en) = match name {
        "title" => ("标题", "title"),
        "description" => ("描述", "description"),
        "case_kind" => ("事项类型", "kind of matter"),
        "level" => ("等级", "level"),
        "holder_id" | "holder" => ("承办人", "holder"),
        "grid_code" => ("网格编码", "grid code"),
        "place_text" => ("地点", "place"),
        "due_at" | "due_at_ms" => ("办结期限", "due time"),
        "reason" | "reason_text" => ("理由", "reason"),
        "reason_code" => ("退回原因", "reason"),
        "result" => ("复查结论", "result"),
        "status" => ("状态", "status"),
        "sort" => ("排序", "order"),
        "limit" => ("每页条数", "limit"),
        "offset" => ("起始位置", "offset"),
        "from" => ("开始日期", "first day"),
        "to" => ("结束日期", "last day"),
        "day" => ("日期", "day"),
        "last_day" => ("最后在岗日", "last day"),
        "name" => ("用户名", "name"),
        "password" => ("密码", "password"),
        other => (other, other),
    };
    Sentence::new(zh, en)
}

/// What a task's status is called.
pub(crate) fn status_label(status: TaskStatus) -> Sentence {
    let (zh, en) = match status {
        TaskStatus::Assigned => ("已派遣", "dispatched"),
        TaskStatus::Accepted => ("已签收", "accepted"),
        TaskStatus::OnSite => ("已到场", "on site"),
        TaskStatus::Submitted => ("已反馈", "submitted"),
        TaskStatus::Rework => ("退回重办", "sent back"),
        TaskStatus::Suspended => ("已挂账", "suspended"),
        TaskStatus::Escalated => ("已上报", "escalated"),
        TaskStatus::Returned => ("已退单", "returned"),
        TaskStatus::Recalled => ("已收回", "recalled"),
        TaskStatus::Voided => ("已作废", "void"),
        TaskStatus::Closed => ("已办结", "closed"),
        TaskStatus::Unknown(_) => ("未知状态", "in an unknown state"),
    };
    Sentence::new(zh, en)
}

/// In Chinese, what the hub says is wrong with a field; its English begins with a verb ("is empty").
pub(crate) fn fault_zh(detail: &str) -> String {
    let zh = match detail {
        "is empty" => "没有填写",
        "is too long" => "过长",
        "is missing" => "缺少",
        "is nobody you see" => "不在您的管辖范围内",
        "has left the post" => "已离岗，不能再派任务",
        "is no date such as 2026-01-14" => "不是 2026-01-14 这样的日期",
        "is nobody's" => "没有对应的人员",
        "is not on the earth" => "不是有效的经纬度",
        "is there twice" => "重复出现",
        "is in no row" => "不在表中",
        "is not the code above" => "不是上级区划代码",
        "is not one below its parent's" => "不是上级的下一级",
        "is not 12 digits" => "不是 12 位数字",
        "is not 15 digits" => "不是 15 位数字",
        "is not 1 to 5" => "应为 1 到 5",
        "has digits below its level" => "本级以下的数位应为 0",
        "is not 1 to 8 capital letters or digits" => "应为 1 到 8 位大写字母或数字",
        "is larger than 1 MiB" => "超过 1 MiB",
        "is no later than it is due now" => "不晚于现在的期限",
        "is unknown" => "没有这个选项",
        "is not in this century" => "不是合理的日期",
        "is needed for a complex matter" => "必须填写（复杂事项）",
        "is not within ten years after the dispatch" => "不在派遣后的十年以内",
        "begins with no village of the division table" => "前 12 位不是区划表中的村（社区）",
        "are more than 200" => "超过 200 个",
        other => return format!("不能这样填写（{other}）"),
    };
    zh.to_owned()
}
