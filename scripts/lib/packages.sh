# shellcheck shell=bash
# The packages in other languages, each against the server that was just built. Sourced by
# scripts/test.

# Must come after the build of the tests, which leaves the binary.
choose_binary() {
  local target=${CARGO_TARGET_DIR:-$PWD/target}
  export COUNTERSIGN_BIN=$target/debug/countersign
  if [ ! -x "$COUNTERSIGN_BIN" ]; then
    printf 'there is no %s\n' "$COUNTERSIGN_BIN" >&2
    exit 1
  fi
}

install_browser() {
  command -v chromium >/dev/null || install_packages chromium
  CHROMIUM_BIN=$(command -v chromium)
  export CHROMIUM_BIN
  "$CHROMIUM_BIN" --version
}

test_web_sdk() {
  run npm --prefix sdk/web ci --no-audit --no-fund --loglevel=error
  run npm --prefix sdk/web run check
  run npm --prefix sdk/web test
  run npm --prefix sdk/web run test:integration
  run npm --prefix sdk/web run test:browser
}

test_node_middleware() {
  run npm --prefix middleware/node ci --no-audit --no-fund --loglevel=error
  run npm --prefix middleware/node run types
  run npm --prefix middleware/node test
}

test_python_middleware() {
  local python=$services_folder/python/bin/python
  run python3 -m venv "$services_folder/python"
  run "$python" -m pip install --quiet -r middleware/python/requirements-dev.txt
  run env -C middleware/python "$python" -m mypy
  run env -C middleware/python "$python" -m ruff check .
  run env -C middleware/python "$python" -m ruff format --check .
  run env -C middleware/python "$python" -m pytest --quiet
}

test_api_document() {
  local folder=$services_folder/api-document
  run python3 -m venv "$folder"
  run "$folder/bin/python" -m pip install --quiet -r scripts/schemathesis/requirements.txt
  run env API_DOCUMENT_PYTHON="$folder/bin/python" scripts/schemathesis/run
}

test_quick_start() {
  command -v jq >/dev/null || install_packages jq
  run scripts/quickstart/run
}
