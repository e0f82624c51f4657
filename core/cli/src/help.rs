//! Help pages in the language of the run. English stands beside each argument; Chinese is looked up in `help_zh`.

use clap::{Arg, ArgAction, Command};
use grid_screens::Lang;

use crate::help_zh;

const PAGE_ZH: &str = "{about-with-newline}\n用法：{usage}\n\n{all-args}{after-help}";

/// The command with its help pages in this language; `columns` fixes their width.
pub(crate) fn localized(mut command: Command, lang: Lang, columns: Option<usize>) -> Command {
    if let Some(columns) = columns {
        command = command.term_width(columns);
    }
    command.build();
    page(command, "", lang)
}

fn page(mut command: Command, path: &str, lang: Lang) -> Command {
    let names: Vec<String> = command
        .get_subcommands()
        .map(|sub| sub.get_name().to_owned())
        .collect();
    for name in names {
        let deeper = format!("{path}{name} ");
        command = command.mut_subcommand(&name, |sub| page(sub, &deeper, lang));
    }
    command = command.mut_args(|arg| worded(arg, path, lang));
    if lang == Lang::En {
        return command;
    }
    if let Some(about) = help_zh::command(path.trim_end()) {
        command = command.about(about);
    }
    if path.is_empty() {
        command = command.after_help(help_zh::EXIT_CODES);
    }
    command
        .help_template(PAGE_ZH)
        .subcommand_help_heading("命令")
        .disable_help_subcommand(true)
}

/// An argument with its help and its choices; clap's own lists speak English only.
fn worded(mut arg: Arg, path: &str, lang: Lang) -> Arg {
    let choices: Vec<String> = arg
        .get_possible_values()
        .iter()
        .filter(|_| arg.get_action().takes_values())
        .map(|choice| match (lang, choice.get_help()) {
            (Lang::Zh, Some(words)) => format!("{} {words}", choice.get_name()),
            _ => choice.get_name().to_owned(),
        })
        .collect();
    let default: Vec<String> = arg
        .get_default_values()
        .iter()
        .filter(|_| arg.get_action().takes_values() && !arg.is_hide_default_value_set())
        .map(|value| value.to_string_lossy().into_owned())
        .collect();
    let english = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let mut help = match lang {
        Lang::En => english,
        Lang::Zh => help_zh::argument(path, arg.get_id().as_str())
            .unwrap_or(&english)
            .to_owned(),
    };
    if !choices.is_empty() {
        let (before, between) = lang.pick(("；可选：", "，"), (": ", ", "));
        help.push_str(before);
        help.push_str(&choices.join(between));
    }
    if lang == Lang::Zh {
        if !default.is_empty() {
            help.push_str(&format!("（默认 {}）", default.join(" ")));
        }
        let heading = if arg.is_positional() { "参数" } else { "选项" };
        arg = arg.help_heading(heading).hide_default_value(true);
    }
    if arg.get_id() == "help" {
        // One page is enough: `-h` and `--help` show the same.
        arg = arg.action(ArgAction::HelpShort);
        help = lang.pick(help, "Print this page".to_owned());
    }
    if let Some(last) = ["vault", "key_file", "json", "lang", "help", "version"]
        .iter()
        .position(|id| arg.get_id() == id)
    {
        // What every command takes stands below its own.
        arg = arg.display_order(900 + last);
    }
    arg.hide_possible_values(true).help(help)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::args::Arguments;

    fn is_chinese(text: &str) -> bool {
        text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
    }

    fn walk(command: &Command, look: &mut dyn FnMut(&str, &str)) {
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        look(command.get_name(), &about);
        for arg in command.get_arguments() {
            let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
            look(&format!("{} {}", command.get_name(), arg.get_id()), &help);
        }
        command.get_subcommands().for_each(|sub| walk(sub, look));
    }

    #[test]
    fn every_command_and_argument_is_explained_in_both_languages() {
        walk(
            &localized(Arguments::command(), Lang::Zh, None),
            &mut |name, help| {
                assert!(is_chinese(help), "{name}: {help}");
            },
        );
        walk(
            &localized(Arguments::command(), Lang::En, None),
            &mut |name, help| {
                assert!(!help.is_empty() && !is_chinese(help), "{name}: {help}");
            },
        );
    }

    #[test]
    fn nothing_is_explained_that_is_not_there() {
        let mut known = std::collections::BTreeSet::new();
        let english = localized(Arguments::command(), Lang::En, None);
        fn ids(command: &Command, known: &mut std::collections::BTreeSet<String>) {
            known.extend(command.get_arguments().map(|arg| arg.get_id().to_string()));
            command.get_subcommands().for_each(|sub| ids(sub, known));
        }
        ids(&english, &mut known);
        for (key, _) in help_zh::ARGUMENTS {
            let id = key.rsplit(' ').next().unwrap_or(key);
            assert!(known.contains(id), "{key}");
        }
        for (path, _) in help_zh::COMMANDS {
            let mut at = &english;
            for word in path.split(' ').filter(|word| !word.is_empty()) {
                at = at.find_subcommand(word).unwrap_or_else(|| panic!("{path}"));
            }
        }
    }
}
