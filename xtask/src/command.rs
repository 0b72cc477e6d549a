//! Running other programs from the repository's root.

use anyhow::{Context, bail};
use std::{
    io::{BufRead, BufReader, Read},
    process::{Command, ExitStatus, Stdio},
};

/// A command that will run in the repository's root.
pub(crate) fn command(words: &[impl AsRef<str>]) -> anyhow::Result<Command> {
    let (program, arguments) = words.split_first().context("an empty command line")?;
    let mut command = Command::new(program.as_ref());
    command
        .args(arguments.iter().map(AsRef::as_ref))
        .current_dir(crate::root());
    Ok(command)
}

/// Runs a command and gives what it wrote on standard output.
///
/// # Errors
/// It could not be started, failed, or wrote something that is not UTF-8.
pub(crate) fn output(words: &[impl AsRef<str>]) -> anyhow::Result<String> {
    let line = join(words);
    let output = command(words)?
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start `{line}`"))?;
    if !output.status.success() {
        bail!("`{line}` failed: {}", output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{line}` wrote no UTF-8"))
}

/// Which of a child's streams is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stream {
    Stdout,
    Stderr,
}

/// Runs a command to its end, handing each line of one stream to `on_line` and to the terminal.
///
/// # Errors
/// It could not be started or read. A failing exit status is the caller's to judge.
pub(crate) fn watch(
    mut command: Command,
    stream: Stream,
    mut on_line: impl FnMut(&str),
) -> anyhow::Result<ExitStatus> {
    match stream {
        Stream::Stdout => command.stdout(Stdio::piped()),
        Stream::Stderr => command.stderr(Stdio::piped()),
    };
    let mut child = command
        .stdin(Stdio::null())
        .spawn()
        .with_context(|| format!("cannot start `{}`", command.get_program().display()))?;
    let pipe: Option<Box<dyn Read>> = match stream {
        Stream::Stdout => child.stdout.take().map(|pipe| Box::new(pipe) as _),
        Stream::Stderr => child.stderr.take().map(|pipe| Box::new(pipe) as _),
    };
    for line in BufReader::new(pipe.context("the child has no pipe")?).split(b'\n') {
        let line = line?;
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        on_line(&line);
    }
    Ok(child.wait()?)
}

/// A command line as a reader would type it.
pub(crate) fn join(words: &[impl AsRef<str>]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| quote(word.as_ref())).collect();
    quoted.join(" ")
}

fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=+@,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joined_words_can_be_pasted_into_a_shell() {
        let words = ["env", "A=b", "it's", "two words", ""];
        assert_eq!(join(&words), r"env A=b 'it'\''s' 'two words' ''");
    }

    #[test]
    fn every_line_is_seen_also_one_without_a_line_end() {
        let mut lines = Vec::new();
        let script = command(&["sh", "-c", r"printf 'a\nb' >&2; exit 3"]).expect("a command");
        let status = watch(script, Stream::Stderr, |line| lines.push(line.to_owned()));
        assert_eq!(status.expect("it runs").code(), Some(3));
        assert_eq!(lines, ["a", "b"]);
    }

    #[test]
    fn output_of_a_failing_command_is_an_error() {
        assert!(output(&["false"]).is_err());
        assert_eq!(output(&["echo", "yes"]).expect("it runs"), "yes\n");
    }
}
