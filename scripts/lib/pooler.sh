# shellcheck shell=bash
# PgBouncer in front of the tests' PostgreSQL, in transaction mode. Sourced by scripts/test.

# Older ones lose prepared statements in transaction mode (1.21), so distributions' may not do.
pgbouncer_version=1.24.1
pgbouncer_source=http://deb.debian.org/debian/pool/main/p/pgbouncer/pgbouncer_$pgbouncer_version.orig.tar.gz
pgbouncer_sha256=da72a3aba13072876d055a3e58dd4aba4a5de4ed6148e73033185245598fd3e0

pgbouncer_pid=''

# The service's own tests on PostgreSQL, once more, all through the pooler but migrations and
# notifications.
test_pooler() {
  install_pgbouncer
  start_pgbouncer
  run env COUNTERSIGN_TEST_POOLER="127.0.0.1:$pooler_port" cargo nextest run --locked --workspace \
    --no-fail-fast -E 'binary(api) and package(countersign-server) and test(/on_postgres$/)'
  stop "$pgbouncer_pid" INT
  pgbouncer_pid=''
}

install_pgbouncer() {
  local cache=${XDG_CACHE_HOME:-${HOME:-/nowhere}/.cache}/countersign/tools
  if ! mkdir -p "$cache" 2>/dev/null || [ ! -w "$cache" ]; then cache=$PWD/target/tools; fi
  pgbouncer=$cache/pgbouncer-$pgbouncer_version
  if [ ! -x "$pgbouncer" ]; then
    command -v make >/dev/null || install_packages make
    command -v pkg-config >/dev/null || install_packages pkg-config
    pkg-config --exists libevent || install_packages libevent-dev
    build_pgbouncer
  fi
  "$pgbouncer" --version | sed -n 1p
}

build_pgbouncer() {
  local folder=$services_folder/pgbouncer-source
  mkdir -p "$folder" "$(dirname "$pgbouncer")"
  run curl --fail --silent --show-error --location --max-time 120 --output "$folder/source.tar.gz" "$pgbouncer_source"
  printf '%s  %s\n' "$pgbouncer_sha256" "$folder/source.tar.gz" | sha256sum --check --quiet
  tar xzf "$folder/source.tar.gz" -C "$folder" --strip-components=1
  (cd "$folder" && ./configure --without-openssl && make pgbouncer) >"$folder/build.log" 2>&1 ||
    fail_with_log 'PgBouncer does not build' "$folder/build.log"
  mv "$folder/pgbouncer" "$pgbouncer"
}

start_pgbouncer() {
  local folder=$services_folder/pgbouncer database=${COUNTERSIGN_TEST_POSTGRES#*@} as=()
  mkdir "$folder"
  cp "$pgbouncer" "$folder/pgbouncer"
  if [ "$(id -u)" -eq 0 ]; then # It refuses to run as root.
    chown -R postgres: "$folder"
    as=(--reuid=postgres --regid=postgres --init-groups)
  fi
  local host=${database%%:*} port=${database#*:}
  for _ in 1 2 3 4 5; do
    pooler_port=$(free_port)
    cat >"$folder/ini" <<INI
[databases]
* = host=$host port=${port%%/*} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $pooler_port
unix_socket_dir =
auth_type = any
pool_mode = transaction
max_prepared_statements = 200
max_client_conn = 2000
default_pool_size = 8
server_idle_timeout = 5
INI
    (cd / && exec setpriv --pdeathsig INT "${as[@]}" "$folder/pgbouncer" "$folder/ini") \
      >"$folder/log" 2>&1 </dev/null &
    pgbouncer_pid=$!
    if answers "$pgbouncer_pid" "$(postgres_programs)/pg_isready" -q -h 127.0.0.1 -p "$pooler_port"; then return; fi
    stop "$pgbouncer_pid" INT
  done
  fail_with_log 'PgBouncer did not start' "$folder/log"
}
