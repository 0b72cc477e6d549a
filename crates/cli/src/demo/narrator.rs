//! How the demo is told: three aligned columns, with colours and a progress bar on a terminal only.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{self, IsTerminal, Write};

/// Columns before the last one, in characters.
const WHO: usize = 15;
const DOES: usize = 50;

/// Writes the account.
pub struct Narrator<'w> {
    out: &'w mut (dyn Write + Send),
    look: Look,
    scenes: u32,
}

/// What the output can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Look {
    /// ANSI colours.
    pub colours: bool,
    /// A progress bar on standard error.
    pub progress: bool,
}

/// What a line ends in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Plain,
    Good,
    Refused,
}

impl Look {
    /// What the process's own output can show; `no_color` is whether `NO_COLOR` is set and not empty
    /// (no-color.org).
    pub fn of_this_process(no_color: bool) -> Self {
        Self {
            colours: io::stdout().is_terminal() && !no_color,
            progress: io::stdout().is_terminal() && io::stderr().is_terminal(),
        }
    }
}

impl<'w> Narrator<'w> {
    /// Tells to `out`.
    pub fn new(out: &'w mut (dyn Write + Send), look: Look) -> Self {
        Self {
            out,
            look,
            scenes: 0,
        }
    }

    /// The first line.
    pub(super) fn title(&mut self, text: &str) -> io::Result<()> {
        let text = self.paint(BOLD, text);
        writeln!(self.out, "{text}")
    }

    /// Begins a scene.
    pub(super) fn scene(&mut self, title: &str) -> io::Result<()> {
        self.scenes += 1;
        let title = self.paint(BOLD, &format!("{}. {title}", self.scenes));
        writeln!(self.out, "\n{title}")
    }

    /// Who does what, and what comes of it.
    pub(super) fn tell(&mut self, who: &str, does: &str, tone: Tone, saw: &str) -> io::Result<()> {
        let who = self.paint(CYAN, &format!("{who:WHO$}"));
        let saw = match tone {
            Tone::Plain => saw.to_owned(),
            Tone::Good => self.paint(GREEN, saw),
            Tone::Refused => self.paint(YELLOW, saw),
        };
        writeln!(self.out, "   {who} {does:DOES$} {saw}")
    }

    /// One row of the closing table.
    pub(super) fn row(&mut self, name: &str, value: &str) -> io::Result<()> {
        writeln!(self.out, "   {name:<46} {value:>10}")
    }

    /// An empty line.
    pub(super) fn gap(&mut self) -> io::Result<()> {
        writeln!(self.out)
    }

    /// A bar for `length` steps; shows nothing where there is no terminal.
    pub(super) fn progress(&self, length: usize) -> ProgressBar {
        let target = if self.look.progress {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(length as u64), target);
        match ProgressStyle::with_template("   {bar:40} {pos}/{len}, {eta} left") {
            Ok(style) => bar.with_style(style.progress_chars("=> ")),
            Err(_) => bar,
        }
    }

    fn paint(&self, colour: &str, text: &str) -> String {
        if self.look.colours {
            format!("\x1b[{colour}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }
}

impl std::fmt::Debug for Narrator<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Narrator")
            .field("look", &self.look)
            .finish_non_exhaustive()
    }
}

/// Select Graphic Rendition parameters (ECMA-48 section 8.3.117).
const BOLD: &str = "1";
const GREEN: &str = "32";
const YELLOW: &str = "33";
const CYAN: &str = "36";

#[cfg(test)]
mod tests {
    use super::*;

    fn told(look: Look) -> String {
        let mut out = Vec::new();
        let mut narrator = Narrator::new(&mut out, look);
        narrator.scene("Scene").unwrap();
        narrator
            .tell("phone", "asks", Tone::Good, "allowed")
            .unwrap();
        narrator
            .tell("alice's browser", "asks", Tone::Refused, "token_expired")
            .unwrap();
        assert!(narrator.progress(2).is_hidden(), "no terminal, no bar");
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn columns_are_aligned_and_plain_without_a_terminal() {
        let text = told(Look::default());
        assert!(!text.contains('\x1b'), "{text}");
        let columns: Vec<_> = ["allowed", "token_expired"]
            .iter()
            .map(|saw| text.lines().find_map(|line| line.find(saw)).unwrap())
            .collect();
        assert_eq!(columns[0], columns[1], "{text}");
        assert!(text.contains("1. Scene"));
    }

    #[test]
    fn colours_do_not_move_the_columns() {
        let look = Look {
            colours: true,
            progress: false,
        };
        let stripped = told(look).replace("\x1b[0m", "");
        let plain = [BOLD, GREEN, YELLOW, CYAN]
            .iter()
            .fold(stripped, |text, colour| {
                text.replace(&format!("\x1b[{colour}m"), "")
            });
        assert_eq!(plain, told(Look::default()));
    }
}
