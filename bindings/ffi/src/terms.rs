//! Terms and ids as text, checked at the border.

use std::str::FromStr;

use grid_model::Coded;

use crate::FieldError;

/// The term of this name. One that this build does not know names its field, `code_N` too: a phone never writes what it does
/// not know the meaning of.
pub(crate) fn term<T: Coded>(field: &str, name: &str) -> Result<T, FieldError> {
    let known = T::known().iter().copied().find(|term| term.name() == name);
    known.ok_or_else(|| FieldError::invalid(field, "unknown"))
}

/// The term of this name, if one was given.
pub(crate) fn term_if<T: Coded>(field: &str, name: Option<&str>) -> Result<Option<T>, FieldError> {
    name.map(|name| term(field, name)).transpose()
}

/// The terms of these names.
pub(crate) fn terms<T: Coded>(field: &str, names: &[String]) -> Result<Vec<T>, FieldError> {
    names.iter().map(|name| term(field, name)).collect()
}

/// The name of a term; `code_N` for one of a newer platform.
pub(crate) fn name(term: impl Coded) -> String {
    term.name().into_owned()
}

/// The id in a text.
pub(crate) fn id<T: FromStr>(field: &str, text: &str) -> Result<T, FieldError> {
    text.parse().map_err(|_| FieldError::invalid(field, "not_an_id"))
}

#[cfg(test)]
mod tests {
    use grid_model::TaskId;
    use grid_model::terms::{CountKind, Scale};

    use super::*;

    #[test]
    fn names_go_both_ways_and_an_unknown_one_names_its_field() {
        for kind in CountKind::known() {
            assert_eq!(term::<CountKind>("kind", &name(*kind)), Ok(*kind));
        }
        assert_eq!(term::<Scale>("scale", "50_100"), Ok(Scale::From50To100));
        for wrong in ["", "Rescued", "rescued ", "code_5", "code_9999"] {
            assert_eq!(
                term::<CountKind>("kind", wrong),
                Err(FieldError::invalid("kind", "unknown")),
                "{wrong}"
            );
        }
        assert_eq!(name(CountKind::Unknown(9_999)), "code_9999");
    }

    #[test]
    fn a_text_that_is_no_id_names_its_field() {
        assert_eq!(
            id::<TaskId>("task", "42"),
            Err(FieldError::invalid("task", "not_an_id"))
        );
        let given = TaskId([0xab; 16]);
        assert_eq!(id::<TaskId>("task", &given.to_string()), Ok(given));
    }
}
