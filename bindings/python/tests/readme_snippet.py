"""What README.md shows, run by the tests as it stands there."""

# README:begin
from pathlib import Path

from grid_fieldbook import AttachmentDraft, FieldBook, KeyFile, ReportDraft, SavedRecord


def record(folder: Path, photo: Path) -> SavedRecord:
    with FieldBook.open(folder, KeyFile(folder.with_suffix(".key"))) as book:
        task = book.tasks(open_only=True, limit=1)[0]
        after = AttachmentDraft(role="after", mime="image/jpeg", content=photo.read_bytes())
        kept = [book.attach(after)]
        report = ReportDraft(result="solved", narrative="楼道杂物已清理", measures=["cleaned"], attachments=kept)
        return book.submit(task.id, report)  # 处置反馈: on the disk when it returns, no network asked


def send(folder: Path) -> str:
    with FieldBook.open(folder, KeyFile(folder.with_suffix(".key"))) as book:
        report = book.sync()
        if report.outcome.is_COMPLETE():
            return f"平台已收 {report.received} 条，照片 {report.photos_done} 张"
        return f"未发完，{book.status().saved} 条在本机：{report.outcome}"
# README:end
