//! Command lines that do not read: told in the same three parts as everything else.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use grid_screens::{Advice, Lang, Text};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::say::Say;

/// The language a command line asks for, before it is read as a whole.
pub(crate) fn lang_of(arguments: &[OsString]) -> Option<Lang> {
    let mut words = options(arguments);
    while let Some(word) = words.next() {
        let value = match word.strip_prefix("--lang") {
            Some("") => words.next(),
            Some(rest) => rest.strip_prefix('='),
            None => None,
        };
        match value {
            Some("zh") => return Some(Lang::Zh),
            Some("en") => return Some(Lang::En),
            _ => {}
        }
    }
    None
}

/// Whether a command line asks for JSON, before it is read as a whole.
pub(crate) fn wants_json(arguments: &[OsString]) -> bool {
    options(arguments).any(|word| word == "--json")
}

/// The words before a lone `--`.
fn options(arguments: &[OsString]) -> impl Iterator<Item = &str> {
    let words = arguments.iter().map(|word| word.to_str().unwrap_or_default());
    words.take_while(|word| *word != "--")
}

/// The text of a help or version page, if that is what was asked for.
pub(crate) fn help(error: &clap::Error, colour: bool) -> Option<String> {
    let asked = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    let page = error.render();
    asked.then(|| match colour {
        true => page.ansi().to_string(),
        false => page.to_string(),
    })
}

/// The help page that a command line without a command gets beside its answer.
pub(crate) fn page(error: &clap::Error) -> String {
    let missing = ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
    let page = (error.kind() == missing).then(|| error.render().to_string());
    page.unwrap_or_default()
}

/// What a command line that does not read is answered.
pub(crate) fn failure(
    error: &clap::Error,
    command: &clap::Command,
    arguments: &[OsString],
    lang: Lang,
) -> Failure {
    const NOTHING: Text = Text::of(
        "没有执行，也没有记录任何东西",
        "Nothing was done and nothing was recorded",
    );
    let context = |kind| error.get(kind).map(spoken).unwrap_or_default();
    let argument = context(ContextKind::InvalidArg);
    let value = context(ContextKind::InvalidValue);
    let happened = match error.kind() {
        ErrorKind::UnknownArgument => Text::of("没有“{0}”这个选项", "There is no option “{0}”"),
        ErrorKind::InvalidSubcommand => Text::of("没有“{2}”这条命令", "There is no command “{2}”"),
        ErrorKind::InvalidValue if value.is_empty() => Text::of("“{0}”后面要有内容", "“{0}” needs a value"),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            Text::of("“{0}”不能是“{1}”", "“{0}” cannot be “{1}”")
        }
        ErrorKind::MissingRequiredArgument => Text::of("还缺：{0}", "Still missing: {0}"),
        ErrorKind::ArgumentConflict => Text::of("“{0}”不能和“{3}”一起用", "“{0}” cannot be used with “{3}”"),
        ErrorKind::TooManyValues | ErrorKind::WrongNumberOfValues | ErrorKind::TooFewValues => {
            Text::of("“{0}”的个数不对", "“{0}” has the wrong number of values")
        }
        ErrorKind::InvalidUtf8 => Text::of(
            "命令里有读不出的文字",
            "The command holds text that does not read",
        ),
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand => {
            Text::of("还缺要做什么", "What to do is still missing")
        }
        _ => Text::of("这条命令没有看懂", "This command does not read"),
    };
    let fillings = [
        argument.as_str(),
        &value,
        &context(ContextKind::InvalidSubcommand),
        &context(ContextKind::PriorArg),
    ];
    Failure {
        advice: Box::new(Advice {
            code: "usage".to_owned(),
            happened: happened.fill(lang, &fillings),
            meaning: NOTHING.get(lang).to_owned(),
            next: next(error, lang),
        }),
        exit: Exit::Usage,
        hint: Some(Say::HintHelp.fill(lang, &[&path(command, arguments)])),
    }
}

/// What to type instead: the nearest name, the choices, or the help page.
fn next(error: &clap::Error, lang: Lang) -> String {
    const NEAREST: Text = Text::of("是不是“{0}”？", "Perhaps “{0}”?");
    const CHOICES: Text = Text::of("可选：{0}", "One of: {0}");
    const NUMBER: Text = Text::of("写一个范围内的整数", "Write a whole number within its range");
    const PAGE: Text = Text::of("看一下这条命令的说明", "See the help of this command");
    let nearest = [
        ContextKind::SuggestedSubcommand,
        ContextKind::SuggestedArg,
        ContextKind::SuggestedValue,
    ];
    let nearest = nearest
        .into_iter()
        .find_map(|kind| error.get(kind).map(spoken))
        .filter(|text| !text.is_empty());
    let choices = [ContextKind::ValidValue, ContextKind::ValidSubcommand];
    let choices = choices
        .into_iter()
        .find_map(|kind| error.get(kind).map(spoken))
        .filter(|text| !text.is_empty());
    if error.kind() == ErrorKind::ValueValidation {
        return NUMBER.get(lang).to_owned();
    }
    match (nearest, choices) {
        (Some(nearest), _) => NEAREST.fill(lang, &[&nearest]),
        (None, Some(choices)) => CHOICES.fill(lang, &[&choices]),
        (None, None) => PAGE.get(lang).to_owned(),
    }
}

fn spoken(value: &ContextValue) -> String {
    match value {
        ContextValue::String(text) => text.clone(),
        ContextValue::Strings(texts) => texts.join(", "),
        ContextValue::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

/// The commands named so far, each followed by a space: `patrol start `.
fn path(command: &clap::Command, arguments: &[OsString]) -> String {
    let mut at = command;
    let mut path = String::new();
    for word in options(arguments) {
        if let Some(deeper) = at.find_subcommand(word) {
            path.push_str(word);
            path.push(' ');
            at = deeper;
        }
    }
    path
}
