//! Users.

use crate::output::{self, Format, Output};
use countersign_api_types::user::UserStanding;
use countersign_core::{
    activity::Actor,
    user::{ExternalUserId, User},
};
use countersign_server::App;

#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "Example:\n  countersign admin disable-user 42")]
pub(crate) struct UserArgs {
    /// The app's own id of the user.
    user_id: ExternalUserId,
    #[command(flatten)]
    output: Output,
}

pub(super) async fn disable(app: &App, args: UserArgs) -> anyhow::Result<()> {
    let (changed, _) = app.users.disable(args.user_id, Actor::Operator).await?;
    print(args.output, &standing(changed.user, changed.ended.len()))
}

pub(super) async fn enable(app: &App, args: UserArgs) -> anyhow::Result<()> {
    let changed = app.users.enable(args.user_id, Actor::Operator).await?;
    print(args.output, &standing(changed.user, changed.ended.len()))
}

fn standing(user: User, ended: usize) -> UserStanding {
    UserStanding {
        user_id: user.external_id,
        is_disabled: user.disabled_at.is_some(),
        disabled_at: user.disabled_at,
        ended: ended as u64,
        receipt: None,
    }
}

fn print(output: Output, user: &UserStanding) -> anyhow::Result<()> {
    match output.output {
        Format::Table => {
            let disabled = user
                .disabled_at
                .map_or_else(|| "no".to_owned(), |at| at.to_string());
            let row = [user.user_id.to_string(), disabled, user.ended.to_string()];
            output::table(["USER", "DISABLED", "SESSIONS ENDED"], &[row])?;
            Ok(())
        }
        Format::Json => output::json(user),
    }
}
