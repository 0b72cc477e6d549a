//! Rules that cannot be meant.

/// Lines of a rule, and what is said of them.
pub(super) const REFUSED: &[(&str, &str)] = &[
    (
        "check = { os_version = { at_least = \"\" } }",
        "/rule/0/check/os_version/at_least: \"\" is no version of ios",
    ),
    (
        "check = { os_version = { exactly = \"10.\" } }",
        "/rule/0/check/os_version/exactly: \"10.\" is no version of ios",
    ),
    (
        "platform = \"android\"\ncheck = { os_version = { at_least = \"34\" } }",
        "/rule/0/check/os_version/at_least: \"34\" is no version of android",
    ),
    (
        "check = { os_version = { branch = { \"22631\" = \"1\" } } }",
        "/rule/0/check/os_version/branch: cannot apply to ios",
    ),
    (
        "platform = \"linux\"\ncheck = { os_version = { at_least = \"24.04\" } }",
        "/rule/0/check/os_version/at_least: cannot apply to linux",
    ),
    (
        "platform = \"other\"\ncheck = { os_version = { at_least = \"1\" } }",
        "/rule/0/check/os_version/at_least: cannot apply to other",
    ),
    (
        "platform = \"linux\"\ncheck = { os_version = { distro = { ubuntu = \"\" } } }",
        "/rule/0/check/os_version/distro/ubuntu: \"ubuntu \" is no version of linux",
    ),
    (
        "platform = \"linux\"\ncheck = { os_version = { distro = { \"4\" = \"1\" } } }",
        "/rule/0/check/os_version/distro/4: \"4\" is no ID of os-release(5)",
    ),
    (
        "platform = \"linux\"\ncheck = { os_version = { distro = { a = \"1\", A = \"2\" } } }",
        "/rule/0/check/os_version/distro: \"a\" stands there twice",
    ),
    (
        "platform = \"windows\"\ncheck = { os_version = { branch = {} } }",
        "/rule/0/check/os_version/branch: needs at least one entry",
    ),
    (
        "platform = \"windows\"\ncheck = { os_version = { branch = { \"22H2\" = \"1\" } } }",
        "/rule/0/check/os_version/branch/22H2: \"22H2\" is not of numbers",
    ),
    (
        "platform = \"windows\"\ncheck = { os_version = { branch = { \"1\" = \"\" } } }",
        "/rule/0/check/os_version/branch/1: \"\" is not of numbers",
    ),
    (
        "platform = \"windows\"\ncheck = { os_version = { branch = { \"1\" = \"1\", \"01\" = \"2\" } } }",
        "/rule/0/check/os_version/branch: \"1\" stands there twice",
    ),
    (
        "check = { patch_level = { at_least = \"2025-06-01\" } }",
        "/rule/0/check/patch_level/at_least: cannot apply to ios",
    ),
    (
        "platform = \"android\"\ncheck = { patch_level = { at_least = \"2025-06\" } }",
        "/rule/0/check/patch_level/at_least: \"2025-06\" is no date as 2025-06-05",
    ),
    (
        "check = { kernel = { at_least = \"6.1\" } }",
        "/rule/0/check/kernel/at_least: cannot apply to ios",
    ),
    (
        "platform = \"linux\"\ncheck = { kernel = { at_least = \"new\" } }",
        "/rule/0/check/kernel/at_least: \"new\" is not of numbers",
    ),
    (
        "check = { app_version = { at_least = \"1.x\" } }",
        "/rule/0/check/app_version/at_least: \"1.x\" is not of numbers",
    ),
    (
        "check = { encryption = { volume = \"all\", is = [] } }",
        "/rule/0/check/encryption/is: needs at least one entry",
    ),
    (
        "check = { encryption = { volume = \"all\", is = [\"unknown\"] } }",
        "/rule/0/check/encryption/is: unknown is never good",
    ),
    (
        "check = { screen_lock = false }",
        "/rule/0/check/screen_lock: must be true",
    ),
    ("check = { os = false }", "/rule/0/check/os: must be true"),
    (
        "platform = []",
        "/rule/0/platform: needs at least one entry",
    ),
    (
        "platform = [\"ios\", \"ios\"]",
        "/rule/0/platform: \"ios\" stands there twice",
    ),
    (
        "applies_to = { group = [] }",
        "/rule/0/applies_to/group: needs at least one entry",
    ),
    (
        "applies_to = { group = [\"a\\n\"] }",
        "/rule/0/applies_to/group: must be 1 to 64 characters without control characters",
    ),
    (
        "applies_to = { client = [] }",
        "/rule/0/applies_to/client: needs at least one entry",
    ),
    (
        "rollout_percent = 0",
        "/rule/0/rollout_percent: must be 1 to 100",
    ),
    (
        "rollout_percent = 101",
        "/rule/0/rollout_percent: must be 1 to 100",
    ),
    (
        "no_grace_after = \"2026-02-30\"",
        "/rule/0/no_grace_after: \"2026-02-30\" is no date as 2025-06-05",
    ),
    (
        "grace = \"366d\"",
        "/rule/0/grace: must be 0ns to 31536000s",
    ),
    (
        "fresh_within = \"59s\"",
        "/rule/0/fresh_within: must be 60s to 31536000s",
    ),
    (
        "message = \"\"",
        "/rule/0/message: must be 1 to 500 characters without control characters",
    ),
    (
        "platform = \"linux\"\ncheck = { os_version = { distro = { \"a/~b\" = \"1\" } } }",
        "/rule/0/check/os_version/distro/a~1~0b: \"a/~b\" is no ID of os-release(5)",
    ),
];
