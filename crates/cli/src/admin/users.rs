//! Users.

use crate::output::{self, Format, Output};
use countersign_api_types::{receipt::EndingReceipt, user::UserStanding};
use countersign_core::{
    activity::{Action, Actor},
    user::ExternalUserId,
};
use countersign_server::{App, Ending, UserChanged};

#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "Example:\n  countersign admin disable-user 42")]
pub(crate) struct UserArgs {
    /// The app's own id of the user.
    user_id: ExternalUserId,
    #[command(flatten)]
    output: Output,
}

pub(super) async fn disable(app: &App, args: UserArgs) -> anyhow::Result<()> {
    let (changed, receipt) = app.users.disable(args.user_id, Actor::Operator).await?;
    let ending = Ending {
        user_id: Some(&changed.user.external_id),
        sessions: &changed.ended,
        ..Ending::by(Action::UserDisabled)
    };
    let receipt = app.receipt(&ending, receipt);
    print(args.output, &standing(changed, Some(receipt)))
}

pub(super) async fn enable(app: &App, args: UserArgs) -> anyhow::Result<()> {
    let changed = app.users.enable(args.user_id, Actor::Operator).await?;
    print(args.output, &standing(changed, None))
}

fn standing(changed: UserChanged, receipt: Option<EndingReceipt>) -> UserStanding {
    UserStanding {
        user_id: changed.user.external_id,
        is_disabled: changed.user.disabled_at.is_some(),
        disabled_at: changed.user.disabled_at,
        frozen_at: changed.user.frozen_at,
        ended: changed.ended.len() as u64,
        receipt,
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
