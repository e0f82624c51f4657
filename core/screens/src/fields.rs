//! The fields of a draft as they stand on a form.

use crate::{Lang, Text};

/// What a field of a draft is called. A field this build does not know keeps its own name.
pub fn field_name(field: &str, lang: Lang) -> String {
    let text = match field {
        "title" => Text::of("标题", "title"),
        "description" => Text::of("描述", "description"),
        "place_text" => Text::of("地点", "place"),
        "parties" => Text::of("当事方", "parties"),
        "narrative" => Text::of("处置情况", "what was done"),
        "note" => Text::of("所见", "what was seen"),
        "due" => Text::of("期限", "due time"),
        "wanted_due" => Text::of("希望的期限", "due time wanted"),
        "reason" => Text::of("原因", "reason"),
        "value" => Text::of("数量", "number"),
        "post" => Text::of("岗位", "post"),
        "checkpoint" => Text::of("点位", "checkpoint"),
        "fix" | "point" => Text::of("位置", "position"),
        "attachments" => Text::of("照片和附件", "photos and papers"),
        "attachment" => Text::of("照片", "photo"),
        "content" => Text::of("文件", "file"),
        "mime" => Text::of("文件类型", "kind of file"),
        "phone_label" => Text::of("手机名称", "name of the phone"),
        "text" => Text::of("搜索内容", "text to search for"),
        "record" => Text::of("这一条", "record"),
        "task" => Text::of("任务", "task"),
        "patrol" => Text::of("巡逻", "patrol"),
        "case" => Text::of("事项", "matter"),
        other => return other.to_owned(),
    };
    text.get(lang).to_owned()
}
