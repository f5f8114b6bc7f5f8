#!/bin/sh
# Resolves the requirements anew: hashes, no index address, no download address.
set -eu
cd "$(dirname "$0")/.."
tool=$(mktemp -d)
trap 'rm -rf "$tool"' EXIT
python3 -m venv "$tool" && "$tool/bin/pip" install --quiet uv
compile() { "$tool/bin/uv" pip compile pyproject.toml --quiet --generate-hashes --no-emit-index-url \
  --no-emit-find-links --python-version 3.11 --custom-compile-command "make lock" "$@"; }
compile --upgrade --all-extras -o requirements/dev.txt
compile -c requirements/dev.txt -o requirements/runtime.txt
npm install --package-lock-only --ignore-scripts
