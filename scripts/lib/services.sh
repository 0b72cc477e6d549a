# shellcheck shell=bash
# A PostgreSQL and a Redis of this run's own. Sourced by scripts/test.
#
# Nothing is found by name or on a default port: every process is ended by its id, and should this
# script be killed outright, the kernel ends them (pdeathsig).

services_folder=''
postgres_pid=''
redis_pid=''

start_services() {
  local missing=()
  if [ -z "$(postgres_programs)" ]; then missing+=(postgresql); fi
  if ! command -v redis-server >/dev/null; then missing+=(redis-server); fi
  if [ ${#missing[@]} -gt 0 ]; then install_packages "${missing[@]}"; fi
  services_folder=$(mktemp -d "${TMPDIR:-/tmp}/countersign.XXXXXX")
  chmod 711 "$services_folder"
  start_postgres
  start_redis
}

stop_services() {
  stop "${pgbouncer_pid-}" INT
  stop "$redis_pid" TERM
  stop "$postgres_pid" INT
  if [ -n "$services_folder" ]; then rm -rf "$services_folder"; fi
}

# Where the newest PostgreSQL server's programs are; nothing if there is none.
postgres_programs() {
  local folder newest=''
  while IFS= read -r folder; do
    if [ -x "$folder/initdb" ] && [ -x "$folder/postgres" ]; then newest=$folder; fi
  done < <(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V)
  if [ -z "$newest" ] && command -v initdb postgres >/dev/null; then
    newest=$(dirname "$(command -v postgres)")
  fi
  printf '%s' "$newest"
}

install_packages() {
  local root=() policy=/usr/sbin/policy-rc.d status=0
  command -v apt-get >/dev/null || give_up "cannot install $*: there is no apt-get"
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || give_up "cannot install $*: neither root nor sudo"
    root=(sudo)
  fi
  printf 'installing %s\n' "$*"
  "${root[@]}" apt-get update -qq </dev/null || give_up 'apt-get update failed'
  # The packages would start servers on their default ports, which nobody here asked for.
  if [ -e "$policy" ]; then
    policy=''
  else
    printf '#!/bin/sh\nexit 101\n' | "${root[@]}" tee "$policy" >/dev/null
    "${root[@]}" chmod 755 "$policy"
  fi
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "$@" </dev/null >"${TMPDIR:-/tmp}/apt.$$" 2>&1 || status=$?
  if [ -n "$policy" ]; then "${root[@]}" rm -f "$policy"; fi
  if [ "$status" -ne 0 ]; then cat "${TMPDIR:-/tmp}/apt.$$" >&2; fi
  rm -f "${TMPDIR:-/tmp}/apt.$$"
  if [ "$status" -ne 0 ]; then give_up "cannot install $*"; fi
}

start_postgres() {
  local programs folder=$services_folder/postgres log=$services_folder/postgres.log as=()
  programs=$(postgres_programs)
  [ -n "$programs" ] || give_up 'there is no PostgreSQL server'
  mkdir "$folder"
  if [ "$(id -u)" -eq 0 ]; then # It refuses to run as root.
    chown postgres: "$folder"
    as=(--reuid=postgres --regid=postgres --init-groups)
  fi
  # Where it can, the default collation is a language's: a query that needs byte order has to say so.
  local locale=(--no-locale)
  if [[ $("$programs/initdb" --help) == *--icu-locale* ]]; then
    locale=(--locale=C.UTF-8 --locale-provider=icu --icu-locale=en-US)
  fi
  (cd / && setpriv "${as[@]}" "$programs/initdb" --pgdata="$folder/data" --username=postgres --auth=trust \
    --encoding=UTF8 "${locale[@]}" --no-sync) >"$log" 2>&1 || fail_with_log 'initdb failed' "$log"
  local port
  for _ in 1 2 3 4 5; do
    port=$(free_port)
    # Without autovacuum a query plan does not depend on when it last ran.
    (cd / && exec setpriv --pdeathsig INT "${as[@]}" "$programs/postgres" -D "$folder/data" -p "$port" \
      -c listen_addresses=127.0.0.1 -c unix_socket_directories="$folder" -c max_connections=300 \
      -c autovacuum=off -c max_wal_size=4GB) >>"$log" 2>&1 </dev/null &
    postgres_pid=$!
    if answers "$postgres_pid" "$programs/pg_isready" -q -h 127.0.0.1 -p "$port"; then
      export COUNTERSIGN_TEST_POSTGRES="postgres://postgres@127.0.0.1:$port/postgres"
      printf 'PostgreSQL %s at %s\n' "$("$programs/postgres" --version | grep -o '[0-9][0-9.]*' | head -n 1)" \
        "$COUNTERSIGN_TEST_POSTGRES"
      return
    fi
    stop "$postgres_pid" INT
  done
  fail_with_log 'PostgreSQL did not start' "$log"
}

# Only the server knows which statements waited for each other.
show_deadlocks() {
  local log=$services_folder/postgres.log
  if [ -f "$log" ]; then grep -A 12 'deadlock detected' "$log" | head -n 60 >&2 || true; fi
}

start_redis() {
  local log=$services_folder/redis.log port
  mkdir "$services_folder/redis"
  for _ in 1 2 3 4 5; do
    port=$(free_port)
    (exec setpriv --pdeathsig TERM redis-server --port "$port" --bind 127.0.0.1 --dir "$services_folder/redis" \
      --save '' --appendonly no --daemonize no) >"$log" 2>&1 </dev/null &
    redis_pid=$!
    if answers "$redis_pid" redis-cli -h 127.0.0.1 -p "$port" ping; then
      export COUNTERSIGN_TEST_REDIS="redis://127.0.0.1:$port"
      printf 'Redis %s at %s\n' "$(redis-server --version | grep -o 'v=[0-9.]*' | cut -c 3-)" "$COUNTERSIGN_TEST_REDIS"
      return
    fi
    stop "$redis_pid" TERM
  done
  fail_with_log 'Redis did not start' "$log"
}

# Asks until the process answers or has ended; at most 30 s.
answers() {
  local pid=$1
  shift
  for _ in $(seq 300); do
    kill -0 "$pid" 2>/dev/null || return 1
    if "$@" >/dev/null 2>&1; then return 0; fi
    sleep 0.1
  done
  return 1
}

# A port that nobody listens on, below those the kernel hands out by itself. Somebody may take it
# before it is used; then the server fails to start and another one is tried.
free_port() {
  local port
  for _ in $(seq 100); do
    port=$((20000 + RANDOM % 12000))
    if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      printf '%d' "$port"
      return
    fi
  done
  give_up 'there is no free port'
}

# Ends a child by its id: with the signal, and after 20 s for good.
stop() {
  local pid=$1 signal=$2
  if [ -z "$pid" ] || ! kill -s "$signal" "$pid" 2>/dev/null; then return 0; fi
  for _ in $(seq 200); do
    kill -0 "$pid" 2>/dev/null || return 0
    sleep 0.1
  done
  kill -s KILL "$pid" 2>/dev/null || true
}

# Ends a child and everything it started, the youngest first.
stop_tree() {
  local pid=$1 child children
  read -r -d '' -a children < <(cat "/proc/$pid/task/"*/children 2>/dev/null) || true
  for child in "${children[@]}"; do stop_tree "$child"; done
  stop "$pid" TERM
}

fail_with_log() {
  tail -n 50 "$2" >&2
  give_up "$1"
}

give_up() {
  printf 'error: %s\n' "$1" >&2
  exit 1
}
