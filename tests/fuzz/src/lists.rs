//! Files that an operator brings: posts, divisions, outlines, tasks, the work calendar.

use grid_model::deadline::WorkCalendar;
use grid_server::ListFile;

use crate::pieces::text;
use crate::platform::with_site;

/// A file of the kind that the first byte names. It is taken in whole, or one sentence in each language says what is wrong.
pub fn lists(bytes: &[u8]) -> bool {
    let Some((kind, bytes)) = bytes.split_first() else {
        return false;
    };
    let file = ListFile::of("list", text(bytes));
    let told = with_site(|site| {
        let admin = site.platform.admin();
        match kind % 5 {
            0 => admin.import_posts(site.org, &file).err(),
            1 => admin.import_divisions(&file).err(),
            2 => admin.set_outline(site.org, &file).err(),
            3 => admin.import_tasks("D01", &file).err(),
            _ => {
                return WorkCalendar::parse(&file.text)
                    .err()
                    .map(|error| format!("{error:?}"));
            }
        }
        .map(|error| {
            let sentence = error.sentence();
            assert!(!sentence.zh.is_empty());
            sentence.en
        })
    });
    if let Some(sentence) = &told {
        assert!(!sentence.is_empty() && sentence.len() < 64 * 1024);
    }
    told.is_none()
}
