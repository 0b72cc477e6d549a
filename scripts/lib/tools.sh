# shellcheck shell=bash
# The cargo subcommands and interpreters that the checks need. Sourced by scripts/test.

# Installs what `cargo` does not already have, once, into the user's cache.
install_tools() {
  local cache=${XDG_CACHE_HOME:-${HOME:-/nowhere}/.cache}/countersign/tools
  if ! mkdir -p "$cache" 2>/dev/null || [ ! -w "$cache" ]; then cache=$PWD/target/tools; fi
  export PATH="$PATH:$cache/bin"
  # Without its self-update, which nothing here calls, it has half the dependencies.
  install_tool nextest 0.9.143 "$cache" --no-default-features --features default-no-update
  install_tool deny 0.20.2 "$cache"
  command -v valgrind >/dev/null || install_packages valgrind
}

install_tool() {
  local name=$1 version=$2 cache=$3
  shift 3
  if ! cargo "$name" --version >/dev/null 2>&1; then
    printf 'installing cargo-%s %s\n' "$name" "$version"
    # Not optimised: compiling it so takes a third of the time, and it runs for seconds.
    run env -u CARGO_TARGET_DIR CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_LTO=off \
      CARGO_PROFILE_RELEASE_DEBUG=0 cargo install --quiet --locked --root "$cache" "cargo-$name@$version" "$@"
  fi
  cargo "$name" --version | sed -n 1p
}

# What runs other people's implementations beside ours. A node or python3 that is there is used.
install_interpreters() {
  command -v node >/dev/null || install_packages nodejs
  # Some packages of node bring it.
  command -v npm >/dev/null || install_packages npm
  # Debian packs what venv needs to make an environment apart from python3.
  python3 -c 'import ensurepip, venv' 2>/dev/null || install_packages python3 python3-venv
  # The other proxies come from PyPI. Debian keeps it where only root looks.
  PATH=$PATH:/usr/sbin command -v nginx >/dev/null || install_packages nginx
  printf 'node %s, %s\n' "$(node --version)" "$(python3 --version)"
}
