import FieldBook
import Foundation

/// What the README shows, compiled and run by ReadmeTests.
func reportWithAPhoto(folder: URL, keys: any KeyVault, jpeg: Data) async throws -> SyncReport {
    // README:begin
    let book = try await FieldBook.open(folder: folder, keyVault: keys)
    guard let task = try await book.tasks(limit: 20).first else { throw FieldBookError.notFound(what: "task") }

    // None of this needs a network; each call returns when its record is durable.
    let photo = try await book.attach(AttachmentDraft(role: "after", mime: "image/jpeg", content: jpeg))
    let draft = ReportDraft(result: "solved", narrative: "楼道已清理干净", attachments: [photo])
    let saved = try await book.submit(draft, task: task.id)
    print("已存本机 \(saved.seq)")

    // With a network: sends what waits and fetches what is new. Cancelling the task stops it at once.
    let report = try await book.sync()
    switch report.outcome {
    case .complete: print("平台已收 \(report.received)")
    case .noLink: print("no network: it goes next time")
    default: print("see report.outcome")
    }
    try await book.close()
    // README:end
    return report
}
