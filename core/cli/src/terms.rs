//! Terms on the command line: the code name, or the Chinese words a worker reads on the screen.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::marker::PhantomData;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Arg, Command};
use grid_screens::model::Coded;
use grid_screens::{Lang, Worded};

/// Reads a term.
#[derive(Debug)]
pub(crate) struct Term<T>(PhantomData<fn() -> T>);

/// A parser for one coded enumeration.
pub(crate) const fn term<T>() -> Term<T> {
    Term(PhantomData)
}

impl<T> Clone for Term<T> {
    fn clone(&self) -> Self {
        term()
    }
}

impl<T: Coded + Worded + Send + Sync> TypedValueParser for Term<T> {
    type Value = T;

    fn parse_ref(&self, cmd: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<T, clap::Error> {
        let named = value.to_str().and_then(|text| {
            let known = T::known().iter().copied();
            known
                .into_iter()
                .find(|term| term.name() == text || term.words(Lang::Zh) == text)
        });
        named.map_or_else(
            || {
                // The usual error with its list and its nearest guess; no known name reaches this.
                let choices = PossibleValuesParser::new(choices::<T>());
                let refused = choices.parse_ref(cmd, arg, value).err();
                Err(refused.unwrap_or_else(|| clap::Error::new(clap::error::ErrorKind::InvalidValue)))
            },
            Ok,
        )
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(choices::<T>().into_iter()))
    }
}

fn choices<T: Coded + Worded>() -> Vec<PossibleValue> {
    let named = |term: &T| match term.name() {
        Cow::Borrowed(name) => Some(PossibleValue::new(name).help(term.words(Lang::Zh))),
        // Only a code this build does not know has a made-up name.
        Cow::Owned(_) => None,
    };
    T::known().iter().filter_map(named).collect()
}
